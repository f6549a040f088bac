import { expect, test } from "vitest";
import type { Optimizer } from "../../../../src/spec/schema/training.ts";
import { describeNative } from "./native-addon.ts";
import { largestDistance, trainInProcess, type TrainingTask } from "./train-in-process.ts";

const momentum: Optimizer = { type: "sgd", learningRate: 0.02, momentum: 0.9, nesterov: false };
const adam: Optimizer = { type: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

const cnn = `[{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}},
  {conv2d: {filters: 8, kernelSize: 3, activation: tanh}}, {averagePooling2d: {}}, flatten, {dropout: {rate: 0.25}},
  {dense: {units: 16, activation: relu}}, {dense: {units: 4, activation: softmax}}]`;
const mlp = `[flatten, {dense: {units: 32, activation: relu}}, {dropout: {rate: 0.5}},
  {dense: {units: 16, activation: sigmoid}}, {dense: {units: 4, activation: softmax}}]`;

const task = (changes: Partial<TrainingTask>): TrainingTask => ({
  engine: "tensorflow",
  inputShape: [12, 12, 1],
  layers: cnn,
  optimizer: momentum,
  steps: 20,
  ...changes,
});

describeNative("the native engine", () => {
  test.each([
    ["a CNN with momentum", { layers: cnn }, 1e-4],
    ["an MLP with momentum", { layers: mlp }, 1e-4],
    ["a CNN with Nesterov's momentum", { optimizer: { ...momentum, nesterov: true } }, 1e-4],
    // Adam's first steps are ± the learning rate whatever the size of the gradient: rounding decides where it is almost 0.
    ["a CNN with one step of Adam", { optimizer: adam, steps: 1 }, 1e-3],
  ] as const)("trains %s like the wasm engine", (_, changes, tolerance) => {
    const wasm = trainInProcess(task({ ...changes, engine: "wasm" }));
    const compiled = trainInProcess(task(changes));
    const eager = trainInProcess(task({ ...changes, engine: "tensorflow, eager" }));

    expect(compiled.stepMode).toBe("compiled");
    expect(eager.stepMode).toBe("eager: it was switched off");
    expect(largestDistance(compiled, wasm)).toBeLessThan(tolerance);
    expect(largestDistance(eager, wasm)).toBeLessThan(tolerance);
    expect(compiled.losses[0]).toBeCloseTo(wasm.losses[0] ?? NaN, 5);
  });

  test.each(["1", "0"])("gives the same bytes in every process, TF_ENABLE_ONEDNN_OPTS=%s", (oneDnn) => {
    const variables = { TF_ENABLE_ONEDNN_OPTS: oneDnn };

    const [first, second] = [trainInProcess(task({}), variables), trainInProcess(task({}), variables)];

    expect(second).toEqual(first);
  });

  test("gives the same bytes whatever the environment says about threads", () => {
    const [alone, crowded] = [{}, { TF_NUM_INTRAOP_THREADS: "2", TF_NUM_INTEROP_THREADS: "2" }].map((variables) =>
      trainInProcess(task({}), variables),
    );

    expect(crowded).toEqual(alone);
  });
});
