/**
 * `npm run bench -- step`: milliseconds of one training step (forward, backward, Adam) on one core, with our WASM kernels
 * and, as the peer, with those that TensorFlow.js' WASM backend ships. Each runs in a process of its own; they take turns,
 * so that both see the same noise.
 *
 * The backend as shipped cannot train a convolution: it has no kernel for the gradient of the filter. Here its peer gets
 * one composed of its own operations (a matrix product for each position of the window), which is what one would write
 * without kernels of one's own. The dense-only MLP needs no such help.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type Sequential, sequential } from "@tensorflow/tfjs-layers";
import { installWasmKernels } from "../trainer/engine/wasm/install-wasm-kernels.ts";

type Peer = "own" | "stock";
type Step = () => void;

interface Workload {
  readonly name: string;
  readonly batchSize: number;
  readonly build: () => Sequential;
}

interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
}

/** Turns of each peer and, of both, steps in a turn; the first turn warms up and does not count. */
const TURNS = 9;
const STEPS = { own: 4, stock: 2 } as const;

const CLASSES = 10;
const peers: readonly Peer[] = ["own", "stock"];

const workloads: readonly Workload[] = [
  { name: "small CNN", batchSize: 64, build: smallCnn },
  { name: "LeNet-5", batchSize: 500, build: lenet },
  { name: "MLP", batchSize: 64, build: mlp },
];

function smallCnn(): Sequential {
  const convolution = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  return sequential({
    layers: [
      layers.conv2d({ ...convolution, filters: 16, inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ ...convolution, filters: 32 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: CLASSES }),
    ],
  });
}

function lenet(): Sequential {
  return sequential({
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 5, activation: "relu", inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 120, activation: "tanh" }),
      layers.dense({ units: 84, activation: "tanh" }),
      layers.dense({ units: CLASSES }),
    ],
  });
}

function mlp(): Sequential {
  return sequential({
    layers: [
      layers.dense({ units: 256, activation: "relu", inputShape: [784] }),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: 64, activation: "relu" }),
      layers.dense({ units: CLASSES }),
    ],
  });
}

const peerArgument = process.argv[2];
if (peerArgument === "own" || peerArgument === "stock") await serve(peerArgument);
else await compare();

/** The parent: lets the peers take turns and prints what they needed. */
async function compare(): Promise<void> {
  const children = { own: startPeer("own"), stock: startPeer("stock") };
  const results: Record<string, Record<Peer, Timing> & { readonly ratio: number }> = {};
  for (const [index, { name, batchSize }] of workloads.entries()) {
    const times: Record<Peer, number[]> = { own: [], stock: [] };
    for (let turn = 0; turn < TURNS; turn++) {
      for (const peer of peers) {
        const turnTimes = await runTurn(children[peer], index);
        if (turn > 0) times[peer].push(...turnTimes);
      }
    }
    const timings = { own: timingOf(times.own), stock: timingOf(times.stock) };
    const ratio = Number((timings.stock.medianMs / timings.own.medianMs).toFixed(2));
    results[name] = { ...timings, ratio };
    console.log(
      `${name} B${batchSize}: own ${render(timings.own)}, stock ${render(timings.stock)}, ${ratio} times as fast`,
    );
  }
  for (const peer of peers) children[peer].disconnect();
  console.log("stock: with a filter gradient composed of its own operations, which it lacks");
  console.log(JSON.stringify({ benchmark: "step", node: process.version, unit: "ms per step", results }));
}

function startPeer(peer: Peer): ChildProcess {
  const child = fork(fileURLToPath(import.meta.url), [peer], { execArgv: process.execArgv });
  child.once("exit", (code) => {
    if (code !== 0) throw new Error(`the peer ${peer} ended with exit code ${code}`);
  });
  return child;
}

/** Lets a peer do one turn; returns the milliseconds of each step. */
async function runTurn(child: ChildProcess, workload: number): Promise<number[]> {
  child.send(workload);
  const [answer]: unknown[] = await once(child, "message");
  if (!Array.isArray(answer) || !answer.every((time) => typeof time === "number")) throw new TypeError("no times");
  return answer;
}

function timingOf(times: readonly number[]): Timing {
  const sorted = times.toSorted((first, second) => first - second);
  const rounded = (value: number | undefined): number => Number((value ?? Number.NaN).toFixed(2));
  return { medianMs: rounded(sorted[Math.floor(sorted.length / 2)]), minMs: rounded(sorted[0]) };
}

function render({ medianMs, minMs }: Timing): string {
  return `${medianMs.toFixed(1)} ms a step (min ${minMs.toFixed(1)})`;
}

/** A peer: does the steps that the parent asks for. */
async function serve(peer: Peer): Promise<void> {
  const prepare = peer === "own" ? await prepareOwn() : await prepareStock();
  const steps = new Map<number, Step>();
  process.on("message", (index: number) => {
    const workload = workloads[index];
    if (workload === undefined) throw new RangeError(`no workload ${index}`);
    const step = steps.get(index) ?? prepare(workload);
    steps.set(index, step);
    process.send?.(Array.from({ length: STEPS[peer] }, () => millisecondsOf(step)));
  });
}

function millisecondsOf(step: Step): number {
  const begin = performance.now();
  step();
  return performance.now() - begin;
}

type Prepare = (workload: Workload) => Step;

async function prepareOwn(): Promise<Prepare> {
  const kernels = await installWasmKernels();
  const rates = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  return (workload) => {
    const { variables, gradients } = trainable(workload);
    const slots = variables.map(({ shape }) => ({ m: tf.zeros(shape), v: tf.zeros(shape) }));
    let step = 0;
    return () => {
      step++;
      tf.tidy(() => {
        const gradientOf = gradients();
        for (const [index, variable] of variables.entries()) {
          const gradient = gradientOf[variable.name];
          const slot = slots[index];
          if (gradient && slot) kernels.applyAdam({ variable, gradient, ...slot, step, ...rates });
        }
      });
    };
  };
}

async function prepareStock(): Promise<Prepare> {
  await tf.setBackend("wasm");
  await tf.ready();
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: "wasm",
    kernelFunc: ({ inputs: { x, dy }, attrs }) => {
      const { filterShape, pad } = attrs ?? {};
      if (!(x instanceof tf.Tensor) || !(dy instanceof tf.Tensor) || !Array.isArray(filterShape)) throw new TypeError();
      return composedFilterGradient(x, dy, filterShape.map(Number), pad === "same");
    },
  });
  return (workload) => {
    const { gradients } = trainable(workload);
    const optimizer = tf.train.adam(1e-3);
    return () =>
      tf.tidy(() => {
        const named = Object.entries(gradients()).map(([name, tensor]) => ({ name, tensor }));
        optimizer.applyGradients(named);
      });
  };
}

/** Filter gradient of a convolution with stride 1: for each position of the window one product of shifted images. */
function composedFilterGradient(x: tf.Tensor, dy: tf.Tensor, filterShape: number[], isPadded: boolean): tf.Tensor {
  const [height = 0, width = 0, channels = 0, filters = 0] = filterShape;
  const [batch = 0, rows = 0, columns = 0] = dy.shape;
  const gradient = tf.reshape(dy, [-1, filters]);
  const around = (size: number): [number, number] => (isPadded ? [(size - 1) >> 1, size >> 1] : [0, 0]);
  const padded = tf.pad(x, [[0, 0], around(height), around(width), [0, 0]]);
  const positions = Array.from({ length: height * width }, (_, position) => {
    const shifted = tf.slice(
      padded,
      [0, Math.floor(position / width), position % width, 0],
      [batch, rows, columns, channels],
    );
    return tf.matMul(tf.transpose(tf.reshape(shifted, [-1, channels])), gradient);
  });
  return tf.reshape(tf.concat(positions, 0), filterShape);
}

/** The variables of a model and a function that computes their gradients for one random batch. */
function trainable({ build, batchSize }: Workload): {
  readonly variables: readonly tf.Variable[];
  readonly gradients: () => tf.NamedTensorMap;
} {
  const model = build();
  const images = tf.randomUniform([batchSize, ...model.inputs.flatMap(({ shape }) => shape.slice(1).map(Number))]);
  const labels = tf.oneHot(
    Array.from({ length: batchSize }, (_, example) => example % CLASSES),
    CLASSES,
  );
  const variables = model.trainableWeights
    .map((weight) => weight.read())
    .filter((weight) => weight instanceof tf.Variable);
  const loss = (): tf.Scalar => {
    const logits = model.apply(images, { training: true });
    if (!(logits instanceof tf.Tensor)) throw new TypeError("the model has not one output");
    return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, logits);
  };
  return { variables, gradients: () => tf.variableGrads(loss, variables).grads };
}
