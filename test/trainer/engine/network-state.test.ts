import { beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineModel, NamedTensor } from "../../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { planModel } from "../plan-model.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine();
});

const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
const adam = { type: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
const batch = {
  size: 4,
  images: Float32Array.from({ length: 4 * 16 }, (_, index) => Math.sin(index * 1.3)),
  labels: Int32Array.of(0, 1, 2, 0),
};

function build(layers: string, initialWeights: readonly NamedTensor[] = []): EngineModel {
  const model = planModel([4, 4, 1], layers);
  return engine.buildModel({ model, loss, optimizer: adam, seed: 1, initialWeights });
}

function train(built: EngineModel, steps: number): void {
  for (let step = 0; step < steps; step++) built.trainStep(batch, { step, learningRate: 0.05 });
}

const weightOf = (built: EngineModel, name: string) =>
  built.readState().weights.find((weight) => weight.name === name)?.values;

const end = "flatten, {dense: {units: 3, activation: softmax}}";

describe("batch normalisation", () => {
  test("moves its moving statistics by the batch's mean and biased variance, from 0 and 1", () => {
    const built = build(`[{batchNormalization: {momentum: 0.9}}, ${end}]`);
    const mean = batch.images.reduce((sum, value) => sum + value, 0) / 64;
    const variance = batch.images.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 64;

    train(built, 2);

    // Two steps from 0 (or 1) with the same batch leave 0.81 of the start.
    expect(weightOf(built, "batchNormalization_1/movingMean")?.[0]).toBeCloseTo(0.19 * mean, 6);
    expect(weightOf(built, "batchNormalization_1/movingVariance")?.[0]).toBeCloseTo(0.81 + 0.19 * variance, 6);
    built.dispose();
  });

  test("predicts with the moving statistics, so that a prediction does not depend on the rest of its batch", () => {
    const built = build(`[batchNormalization, ${end}]`);
    train(built, 5);

    const together = built.predict(batch).probabilities.slice(0, 3);
    const alone = built.predict({ ...batch, size: 1 }).probabilities;

    expect(alone).toEqual(together);
    built.dispose();
  });

  test("bears batches of a single example", () => {
    const built = build(`[flatten, {dense: {units: 4}}, batchNormalization, {dense: {units: 3, activation: softmax}}]`);

    built.trainStep({ ...batch, size: 1 }, { step: 0, learningRate: 0.1 });

    for (const { values } of built.readState().weights) expect(values.every(Number.isFinite)).toBe(true);
    built.dispose();
  });

  test("has its weights named as the language names them", () => {
    const built = build(`[batchNormalization, ${end}]`);

    expect(built.readState().weights.map(({ name }) => name)).toEqual([
      "batchNormalization_1/gamma",
      "batchNormalization_1/beta",
      "batchNormalization_1/movingMean",
      "batchNormalization_1/movingVariance",
      "dense_1/kernel",
      "dense_1/bias",
    ]);
    built.dispose();
  });
});

test("frozen layers keep their weights and statistics, the others learn", () => {
  const built = build(
    `[{conv2d: {name: fixed, filters: 2, kernelSize: 3, trainable: false}}, {batchNormalization: {name: fixedNorm, trainable: false}}, {layerNormalization: {name: fixedLayerNorm, trainable: false}}, flatten, {dense: {name: head, units: 3, activation: softmax}}]`,
  );
  const before = built.readState();

  train(built, 3);

  const after = built.readState();
  const changed = after.weights.filter(({ values }, index) => values.join() !== before.weights[index]?.values.join());
  expect(changed.map(({ name }) => name)).toEqual(["head/kernel", "head/bias"]);
  expect(after.optimizer.map(({ name }) => name)).toEqual([
    "head/kernel/momentum",
    "head/kernel/velocity",
    "head/bias/momentum",
    "head/bias/velocity",
  ]);
  built.dispose();
});

test("a model starts from exactly the weights that it is given, and draws the others as ever", () => {
  const layers = `[{conv2d: {filters: 2, kernelSize: 3}}, batchNormalization, ${end}]`;
  const trained = build(layers);
  train(trained, 3);
  const given = trained.readState().weights.filter(({ name }) => !name.startsWith("dense"));

  const [warm, cold] = [build(layers, given), build(layers)];

  const start = warm.readState().weights;
  expect(start.slice(0, 6)).toEqual(given);
  expect(start.slice(6)).toEqual(cold.readState().weights.slice(6));
  for (const each of [trained, warm, cold]) each.dispose();
});

describe("penalties", () => {
  const layers = (regularizer: string) =>
    `[flatten, {dense: {units: 3, ${regularizer} kernelInitializer: {type: constant, value: 0.5}, activation: softmax}}]`;

  test("are the sums of absolute and squared weights times their factors, in every reported loss", () => {
    const [plain, penalised] = [build(layers("")), build(layers("kernelRegularizer: {l1: 0.1, l2: 0.01},"))];
    // 16 × 3 weights of 0.5.
    const penalty = 0.1 * 48 * 0.5 + 0.01 * 48 * 0.25;

    const [without, predicted] = [plain.predict(batch).losses, penalised.predict(batch).losses];
    train(plain, 1);
    train(penalised, 1);

    expect(predicted[1]).toBeCloseTo((without[1] ?? NaN) + penalty, 5);
    const [first, second] = [plain.drainSteps()[0]?.loss, penalised.drainSteps()[0]?.loss];
    expect(second).toBeCloseTo((first ?? NaN) + penalty, 5);
    plain.dispose();
    penalised.dispose();
  });

  test("are the same in the saved model", async () => {
    const built = build(
      `[{conv2d: {filters: 2, kernelSize: 2, biasRegularizer: {l2: 1}}}, {depthwiseConv2d: {kernelSize: 2, depthwiseRegularizer: {l1: 0.1}}}, flatten, {dense: {units: 3, kernelRegularizer: {l2: 0.1}, activation: softmax}}]`,
    );
    train(built, 2);

    const loaded = await engine.loadModel(built.save(built.readState().weights), loss);

    expect(loaded.predict(batch)).toEqual(built.predict(batch));
    built.dispose();
    loaded.dispose();
  });

  test("of frozen layers cost nothing, as in Keras", () => {
    const frozen = build(
      `[{conv2d: {filters: 2, kernelSize: 3, trainable: false, kernelRegularizer: {l2: 9}}}, ${end}]`,
    );
    const plain = build(`[{conv2d: {filters: 2, kernelSize: 3, trainable: false}}, ${end}]`);

    expect(frozen.predict(batch)).toEqual(plain.predict(batch));
    frozen.dispose();
    plain.dispose();
  });
});

describe("a saved model of each new layer predicts what it predicted before", () => {
  test.each([
    "{batchNormalization: {scale: false}}",
    "{batchNormalization: {center: false, scale: false}}",
    "layerNormalization",
    "{layerNormalization: {center: false, scale: false}}",
    "{spatialDropout2d: {rate: 0.5}}",
    "{gaussianNoise: {stddev: 1}}",
    "{zeroPadding2d: {padding: [[1, 0], [0, 2]]}}",
    "globalMaxPooling2d",
    "globalAveragePooling2d",
    "{conv2d: {filters: 2, kernelSize: 2, dilationRate: 2, activation: relu}}",
    "{separableConv2d: {filters: 2, kernelSize: 2, depthMultiplier: 2, activation: {type: leakyRelu, negativeSlope: 0.5}}}",
    "{activation: {activation: elu}}",
    "{activation: {activation: selu}}",
    "{activation: {activation: gelu}}",
    "{activation: {activation: swish}}",
  ])("%s", async (layer) => {
    const flat = layer.startsWith("global") ? "{dense: {units: 3, activation: softmax}}" : end;
    const built = build(`[{conv2d: {filters: 3, kernelSize: 2}}, ${layer}, ${flat}]`);
    train(built, 2);

    const loaded = await engine.loadModel(built.save(built.readState().weights), loss);

    expect(loaded.predict(batch)).toEqual(built.predict(batch));
    built.dispose();
    loaded.dispose();
  });
});

test("noise is the same in a step that is taken again, and other in the next", () => {
  const layers = `[{gaussianNoise: {stddev: 0.5}}, {spatialDropout2d: {rate: 0.5}}, ${end}]`;
  const lossOf = (step: number) => {
    const built = build(layers);
    built.trainStep(batch, { step, learningRate: 0 });
    const [figures] = built.drainSteps();
    built.dispose();
    return figures?.loss;
  };

  expect(lossOf(3)).toBe(lossOf(3));
  expect(lossOf(3)).not.toBe(lossOf(4));
});
