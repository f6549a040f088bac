// `engine-step.ts <compiled|eager|wasm|relaxed-simd|stock> <threads>`: our peer of `npm run bench -- step`: for each workload on stdin, one
// line with the milliseconds of its steps.
import { createInterface } from "node:readline";
import { wasmKernelChoices } from "../../src/contract/trainer-environment.ts";
import { findNativeEngine } from "../../src/engine/native-folder.ts";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import { modelSchema } from "../../src/spec/schema/layer.ts";
import type { Engine } from "../../trainer/engine/engine.ts";
import { createTensorflowEngine } from "../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { measureTurn } from "./turns.ts";
import type { StepWorkload } from "../workloads/step-workloads.ts";

const [kind = "compiled", threads = "1"] = process.argv.slice(2);
const engine = await startEngine();
const steps = new Map<string, () => void>();
for await (const line of createInterface({ input: process.stdin })) {
  const task: StepWorkload = JSON.parse(line);
  const step = steps.get(task.name) ?? prepare(task);
  steps.set(task.name, step);
  console.log(JSON.stringify(measureTurn(task.steps, step)));
}

function startEngine(): Promise<Engine> {
  const kernels = kind === "wasm" ? "simd" : wasmKernelChoices.find((each) => each === kind);
  if (kernels !== undefined) return createWasmEngine(kernels);
  const installation = findNativeEngine(process.env);
  if (!installation.isInstalled) throw new Error(installation.reason);
  const options = { files: installation.folder, threads: Number(threads) };
  return createTensorflowEngine({ ...options, compiles: kind === "compiled" });
}

/** A step and the reading of its figures, which is what Keras' `train_on_batch` does. */
function prepare({ inputShape, layers, batchSize, classCount }: StepWorkload): () => void {
  const { planned } = inferShapes(modelSchema.parse({ layers }), inputShape);
  if (planned === undefined) throw new Error("the workload does not fit");
  const optimizer = { type: "adam", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
  const model = engine.buildModel({ model: planned, loss, optimizer, seed: 1 });
  const length = inputShape.reduce((product, dimension) => product * dimension, batchSize);
  const images = Float32Array.from({ length }, (_, index) => ((index * 37) % 101) / 101);
  const labels = Int32Array.from({ length: batchSize }, (_, example) => example % classCount);
  let step = 0;
  return () => {
    model.trainStep({ size: batchSize, images, labels }, { step: step++, learningRate: 1e-3 });
    model.drainSteps();
  };
}
