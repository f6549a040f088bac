/**
 * `npm run bench -- native-step [workload…]`: milliseconds of one training step (forward, backward, Adam, figures read) on
 * one thread: the native engine with compiled and with eager steps, the wasm engine and, where NIGHTSWEEP_BENCH_PYTHON
 * names a Python that has keras and tensorflow, Keras' `train_on_batch` and `fit`. Each is in a process of its own; they
 * take turns, so that all see the same noise.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findNativeEngine } from "../src/engine/native-folder.ts";
import { inferShapes } from "../src/plan/infer-shapes.ts";
import { modelSchema } from "../src/spec/schema/layer.ts";
import type { Engine } from "../trainer/engine/engine.ts";
import { createTensorflowEngine } from "../trainer/engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "../trainer/engine/wasm-engine.ts";

interface Workload {
  readonly name: string;
  readonly batchSize: number;
  readonly inputShape: [number, number, number];
  /** As in YAML. */
  readonly layers: readonly unknown[];
  /** Steps in a turn. */
  readonly steps: number;
}

interface Task extends Workload {
  readonly mode: string;
}

interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
}

/** The first turn warms up and does not count. */
const TURNS = 8;
const peers = ["compiled", "eager", "wasm", "train_on_batch", "fit"] as const;
type Peer = (typeof peers)[number];

const convolution = (filters: number) => ({
  conv2d: { filters, kernelSize: 3, padding: "same", activation: "relu" },
});
const relu = (units: number) => ({ dense: { units, activation: "relu" } });
const output = { dense: { units: 10, activation: "softmax" } };
const pool = { maxPooling2d: { poolSize: 2 } };
const block = (filters: number) => [convolution(filters), convolution(filters), pool];

const workloads: readonly Workload[] = [
  {
    name: "MLP",
    batchSize: 64,
    inputShape: [28, 28, 1],
    layers: ["flatten", relu(256), relu(128), relu(64), output],
    steps: 20,
  },
  {
    name: "CNN",
    batchSize: 64,
    inputShape: [28, 28, 1],
    layers: [convolution(16), pool, convolution(32), pool, "flatten", relu(128), output],
    steps: 10,
  },
  {
    name: "LeNet-5",
    batchSize: 500,
    inputShape: [28, 28, 1],
    layers: [
      { conv2d: { filters: 6, kernelSize: 5, activation: "relu" } },
      pool,
      { conv2d: { filters: 16, kernelSize: 5, activation: "relu" } },
      pool,
      "flatten",
      { dense: { units: 120, activation: "tanh" } },
      { dense: { units: 84, activation: "tanh" } },
      output,
    ],
    steps: 4,
  },
  {
    name: "VGG-13",
    batchSize: 64,
    inputShape: [32, 32, 3],
    layers: [...block(64), ...block(128), ...block(256), ...block(512), ...block(512), "flatten", relu(512), output],
    steps: 1,
  },
];
/** VGG-13 takes half a second a step: only on request. */
const defaultNames = ["MLP", "CNN", "LeNet-5"];

const role = process.argv[2] === "--peer" ? process.argv[3] : undefined;
if (role === undefined) await compare(process.argv.slice(2));
else await serve(role);

async function compare(wished: readonly string[]): Promise<void> {
  const names = wished.length > 0 ? wished : defaultNames;
  const python = process.env["NIGHTSWEEP_BENCH_PYTHON"];
  const processes = new Map<Peer, PeerProcess>();
  for (const peer of peers) {
    if (peer !== "train_on_batch" && peer !== "fit") processes.set(peer, startOwn(peer));
    else if (python !== undefined) processes.set(peer, startKeras(python));
  }
  const results: Record<string, unknown> = {};
  for (const workload of workloads.filter(({ name }) => names.includes(name))) {
    const timings = await measure(workload, processes);
    const ratios = ratiosOf(timings);
    results[`${workload.name} B${workload.batchSize}`] = { ...timings, ratios };
    const figures = Object.entries(timings).map(([peer, { medianMs, minMs }]) => `${peer} ${medianMs} (min ${minMs})`);
    console.log(`${workload.name} B${workload.batchSize}, ms a step: ${figures.join(", ")}`);
  }
  for (const { child } of processes.values()) child.kill();
  if (python === undefined) console.log("without Keras: NIGHTSWEEP_BENCH_PYTHON names no Python");
  console.log(JSON.stringify({ benchmark: "native-step", unit: "ms per step", threads: 1, results }));
}

async function measure(workload: Workload, processes: ReadonlyMap<Peer, PeerProcess>): Promise<Record<string, Timing>> {
  const times = new Map<Peer, number[]>([...processes.keys()].map((peer) => [peer, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [peer, peerProcess] of processes) {
      const turnTimes = await runTurn(peerProcess, { ...workload, mode: peer });
      if (turn > 0) times.get(peer)?.push(...turnTimes);
    }
  }
  return Object.fromEntries([...times].map(([peer, measured]) => [peer, timingOf(measured)]));
}

/** How many times as fast compiled steps are; against the better of Keras' two ways as `keras`. */
function ratiosOf(timings: Readonly<Record<string, Timing>>): Record<string, number> {
  const compiled = timings["compiled"]?.medianMs ?? NaN;
  const others = Object.entries(timings).filter(([peer]) => peer !== "compiled");
  const ratios = others.map(([peer, { medianMs }]) => [peer, Number((medianMs / compiled).toFixed(2))] as const);
  const keras = ratios.filter(([peer]) => peer === "train_on_batch" || peer === "fit").map(([, ratio]) => ratio);
  return { ...Object.fromEntries(ratios), ...(keras.length > 0 && { keras: Math.min(...keras) }) };
}

interface PeerProcess {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

function startOwn(peer: Peer): PeerProcess {
  return listen(
    spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "--peer", peer], pipes()),
  );
}

function startKeras(python: string): PeerProcess {
  return listen(spawn(python, [fileURLToPath(new URL("peers/keras-step.py", import.meta.url))], pipes()));
}

function pipes() {
  const threads = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" };
  const stdio: ["pipe", "pipe", "ignore"] = ["pipe", "pipe", "ignore"];
  return { stdio, env: { ...process.env, ...threads } };
}

function listen(child: ReturnType<typeof spawn>): PeerProcess {
  if (child.stdout === null) throw new Error("a peer has no output");
  const lines: Interface = createInterface({ input: child.stdout });
  return { child, lines: lines[Symbol.asyncIterator]() };
}

/** Lets a peer do one turn; returns milliseconds of steps. */
async function runTurn({ child, lines }: PeerProcess, task: Task): Promise<number[]> {
  child.stdin?.write(`${JSON.stringify(task)}\n`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the peer ${task.mode} ended`);
    if (!value.startsWith("[")) continue;
    const times: unknown = JSON.parse(value);
    if (Array.isArray(times) && times.every((time) => typeof time === "number")) return times;
  }
}

function timingOf(times: readonly number[]): Timing {
  const sorted = times.toSorted((first, second) => first - second);
  const rounded = (value: number | undefined): number => Number((value ?? NaN).toFixed(2));
  return { medianMs: rounded(sorted[Math.floor(sorted.length / 2)]), minMs: rounded(sorted[0]) };
}

/** A peer of ours: does the steps that the parent asks for. */
async function serve(peer: string): Promise<void> {
  const engine = await startEngine(peer);
  const steps = new Map<string, () => void>();
  for await (const line of createInterface({ input: process.stdin })) {
    const task: Task = JSON.parse(line);
    const step = steps.get(task.name) ?? prepare(engine, task);
    steps.set(task.name, step);
    console.log(JSON.stringify(Array.from({ length: task.steps }, () => millisecondsOf(step))));
  }
}

function startEngine(peer: string): Promise<Engine> {
  if (peer === "wasm") return createWasmEngine();
  const installation = findNativeEngine(process.env);
  if (!installation.isInstalled) throw new Error(installation.reason);
  return createTensorflowEngine({ files: installation.folder, compiles: peer === "compiled" });
}

function prepare(engine: Engine, { inputShape, layers, batchSize }: Task): () => void {
  const { planned } = inferShapes(modelSchema.parse({ layers }), inputShape);
  if (planned === undefined) throw new Error("the workload does not fit");
  const optimizer = { type: "adam", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
  const model = engine.buildModel({ model: planned, loss, optimizer, seed: 1 });
  const length = inputShape.reduce((product, dimension) => product * dimension, batchSize);
  const images = Float32Array.from({ length }, (_, index) => ((index * 37) % 101) / 101);
  const labels = Int32Array.from({ length: batchSize }, (_, example) => example % 10);
  let step = 0;
  return () => {
    model.trainStep({ size: batchSize, images, labels }, { step: step++, learningRate: 1e-3 });
    model.drainSteps();
  };
}

function millisecondsOf(step: () => void): number {
  const begin = performance.now();
  step();
  return performance.now() - begin;
}
