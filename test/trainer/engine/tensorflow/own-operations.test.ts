import { beforeAll, describe, expect, test } from "vitest";
import type { Batch, Engine, ModelRequest, ModelState } from "../../../../trainer/engine/engine.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { planModel } from "../../plan-model.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";
import { trainInProcess } from "./train-in-process.ts";

const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
const optimizer = { type: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: false } as const;

/** Shape of an image, and layers up to the classes. */
const networks: Readonly<Record<string, readonly [[number, number, number], string]>> = {
  "3×3 with margins and 16 filters": [
    [12, 12, 1],
    "{conv2d: {filters: 16, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "5×5 without margins, filters that fill no vector": [
    [13, 12, 1],
    "{conv2d: {filters: 6, kernelSize: 5, activation: relu}}, {maxPooling2d: {}}",
  ],
  "three channels, strides and more than a vector of filters": [
    [15, 17, 3],
    "{conv2d: {filters: 20, kernelSize: 3, strides: 2, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "one after another, with channels that fill vectors": [
    [14, 14, 1],
    "{conv2d: {filters: 16, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}, {conv2d: {filters: 40, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "one after another, with channels that fill none": [
    [23, 20, 2],
    "{conv2d: {filters: 6, kernelSize: 5, activation: relu}}, {maxPooling2d: {}}, {conv2d: {filters: 10, kernelSize: [4, 3], activation: relu}}, {maxPooling2d: {}}",
  ],
  "strides and dropout behind another layer": [
    [19, 17, 3],
    "{conv2d: {filters: 32, kernelSize: 3, activation: tanh}}, {conv2d: {filters: 16, kernelSize: 3, strides: [2, 1], padding: same, activation: relu}}, {maxPooling2d: {}}, {dropout: {rate: 0.3}}",
  ],
  "images of several bands of rows": [
    [40, 24, 16],
    "{conv2d: {filters: 16, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}, {averagePooling2d: {poolSize: 4}}",
  ],
  "many taps and few filters on the first images": [
    [20, 20, 4],
    "{conv2d: {filters: 3, kernelSize: 7, activation: relu}}, {maxPooling2d: {}}",
  ],
  "a convolution whose outputs go two ways": [
    [8, 8, 4],
    "{residual: {layers: [{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: relu}}]}}, {conv2d: {filters: 8, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "more channels than are ours": [
    [8, 8, 65],
    "{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "a convolution without ReLU before pooling": [
    [8, 8, 2],
    "{conv2d: {filters: 4, kernelSize: 3, activation: tanh}}, {maxPooling2d: {}}",
  ],
  "pooling of many channels": [
    [6, 6, 5],
    "{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}",
  ],
  "overlapping windows": [
    [8, 8, 1],
    "{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {poolSize: 3, strides: 1}}",
  ],
  "images smaller than the kernel": [
    [4, 4, 2],
    "{conv2d: {filters: 256, kernelSize: 3, padding: same}}, {averagePooling2d: {}}, {conv2d: {filters: 256, kernelSize: 3, padding: same, activation: relu}}, {averagePooling2d: {}}, {conv2d: {filters: 256, kernelSize: 3, padding: same, activation: relu}}",
  ],
};

const batchSize = 40;

function batchOf(shape: readonly number[]): Batch {
  const pixels = shape.reduce((product, size) => product * size, 1);
  const images = Float32Array.from({ length: batchSize * pixels }, (_, index) => Math.sin(index * 1.7 + (index % 13)));
  return { size: batchSize, images, labels: Int32Array.from({ length: batchSize }, (_, example) => example % 3) };
}

type Network = readonly [[number, number, number], string];

function train(engine: Engine, [shape, layers]: Network, learning: Partial<ModelRequest> = {}) {
  const model = planModel(shape, `[${layers}, flatten, {dense: {units: 3, activation: softmax}}]`);
  const built = engine.buildModel({ model, loss, optimizer, seed: 4, ...learning });
  const batch = batchOf(shape);
  for (let step = 0; step < 4; step++) built.trainStep(batch, { step, learningRate: 0.02 });
  const outcome = {
    state: built.readState(),
    probabilities: built.predict(batch).probabilities.slice(),
    mode: built.stepMode,
  };
  built.dispose();
  return outcome;
}

function largestDifference(one: ModelState, other: ModelState): number {
  const differences = [...one.weights, ...one.optimizer].flatMap(({ values }, index) => {
    const expected = [...other.weights, ...other.optimizer][index]?.values ?? new Float32Array();
    return Array.from(values, (value, position) => Math.abs(value - (expected[position] ?? Number.NaN)));
  });
  return differences.reduce((most, each) => (each > most || Number.isNaN(each) ? each : most), 0);
}

describeNative("steps of the native engine with our own operations", () => {
  let own: Engine;
  let operationByOperation: Engine;
  beforeAll(async () => {
    own = await createTensorflowEngine({ files });
    operationByOperation = await createTensorflowEngine({ files, compiles: false });
  });

  test("are told by the engine's version", () => {
    expect(own.version).toMatch(/\+steps\.\d+\.operations\.\d+$/);
    expect(own.details?.["ownOperations"]).toMatch(/^\d+$/);
  });

  describe("give what tfjs' operations give one by one, for", () => {
    test.each(Object.entries(networks))("%s", (_, network) => {
      const compiled = train(own, network);
      const expected = train(operationByOperation, network);

      expect(compiled.mode).toBe("compiled");
      expect(largestDifference(compiled.state, expected.state)).toBeLessThan(2e-5);
      const differences = compiled.probabilities.map((value, index) =>
        Math.abs(value - (expected.probabilities[index] ?? 1)),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    });
  });

  describe("change weights as TensorFlow's operation does, to the bit, with", () => {
    const rates = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
    test.each<[string, Partial<ModelRequest>]>([
      ["adam", { optimizer: { type: "adam", ...rates } }],
      [
        "adamw, averages and clipped gradients",
        {
          optimizer: { type: "adamw", weightDecay: 0.01, excludeFromWeightDecay: ["bias"], ...rates },
          gradientClipping: { globalNorm: 0.1 },
          ema: { decay: 0.9 },
        },
      ],
    ])("%s", async (_, learning) => {
      const without = await createTensorflowEngine({ files, usesOwnOperations: false });
      // One of these weights is several pieces for threads, and no size is a multiple of a vector's.
      const network: Network = [[7, 11, 3], "{conv2d: {filters: 83, kernelSize: 3, activation: tanh}}"];

      expect(train(own, network, learning)).toEqual(train(without, network, learning));
    });
  });

  test("can be done without: TensorFlow's operations give the same to rounding", async () => {
    const without = await createTensorflowEngine({ files, usesOwnOperations: false });
    const network = networks["3×3 with margins and 16 filters"];
    if (network === undefined) throw new Error("there is no such network");

    const [first, second] = [train(own, network), train(without, network)];

    expect(without.version).not.toContain("operations");
    expect(second.mode).toBe("compiled");
    expect(largestDifference(first.state, second.state)).toBeLessThan(2e-5);
  });

  test("give the same bytes in every process, with any number of threads", () => {
    const layers =
      "[{conv2d: {filters: 16, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}, {conv2d: {filters: 8, kernelSize: 3, activation: relu}}, {maxPooling2d: {}}, globalAveragePooling2d, {dense: {units: 4, activation: softmax}}]";
    const task = { engine: "tensorflow", layers, optimizer, steps: 3 } as const;

    const [one, again, two] = [1, 1, 2].map((threads) => trainInProcess({ ...task, inputShape: [64, 64, 1], threads }));

    expect(one?.stepMode).toBe("compiled");
    expect(again).toEqual(one);
    expect(two).toEqual(one);
  });

  test("don't hide a training that has become not a number", () => {
    const [shape, layers] = networks["3×3 with margins and 16 filters"] ?? [[1, 1, 1], ""];
    const model = planModel(shape, `[${layers}, flatten, {dense: {units: 3, activation: softmax}}]`);
    const built = own.buildModel({ model, loss, optimizer, seed: 4 });
    const batch = batchOf(shape);
    built.trainStep(batch, { step: 0, learningRate: 0.02 });
    built.trainStep({ ...batch, images: batch.images.with(500, Number.NaN) }, { step: 1, learningRate: 0.02 });

    expect(built.drainSteps()[1]?.loss).toBeNaN();
    built.dispose();
  });
});
