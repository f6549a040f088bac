// Trains a model on one engine and prints its state: engines can't share a process, because tfjs has one backend.
// Started by `trainInProcess` in train-in-process.ts.
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { planModel } from "../../plan-model.ts";
import { nativeFiles } from "./native-addon.ts";
import type { TrainingTask } from "./train-in-process.ts";

const task: TrainingTask = JSON.parse(process.argv[2] ?? "");
const engine =
  task.engine === "wasm"
    ? await createWasmEngine()
    : await createTensorflowEngine({
        files: nativeFiles,
        compiles: task.engine === "tensorflow",
        threads: task.threads ?? 1,
      });
const model = planModel(task.inputShape, task.layers);
const built = engine.buildModel({
  model,
  loss: { type: "sparseCategoricalCrossentropy", fromLogits: false },
  optimizer: task.optimizer,
  seed: 11,
});
const pixels = task.inputShape.reduce((product, dimension) => product * dimension, 1);
for (let step = 0; step < task.steps; step++) {
  // Every fourth batch is a partial one, as the last one of an epoch is.
  const size = step % 4 === 3 ? 7 : 16;
  const images = Float32Array.from({ length: size * pixels }, (_, index) => ((index * 37 + step * 11) % 101) / 101);
  const labels = Int32Array.from({ length: size }, (_, example) => (example * 3 + step) % 4);
  built.trainStep({ size, images, labels }, { step, learningRate: task.optimizer.learningRate });
}
const { weights, optimizer } = built.readState();
const state = [...weights, ...optimizer].map(({ name, values }) => ({
  name,
  values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
}));
const losses = built.drainSteps().map(({ loss }) => loss);
process.stdout.write(`\n${JSON.stringify({ state, losses, stepMode: built.stepMode ?? null })}\n`);
