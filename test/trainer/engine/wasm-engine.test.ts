import { beforeAll, describe, expect, test } from "vitest";
import type { Loss, Optimizer } from "../../../src/spec/schema/training.ts";
import type { Engine, EngineModel, ModelState } from "../../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { planModel } from "../plan-model.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine();
});

const sparse: Loss = { type: "sparseCategoricalCrossentropy", fromLogits: false };
const sgd: Optimizer = { type: "sgd", learningRate: 0.1, momentum: 0, nesterov: false };
const adam: Optimizer = { type: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

const model = planModel(
  [6, 6, 1],
  "[{conv2d: {filters: 2, kernelSize: 3, padding: same, activation: tanh}}, {averagePooling2d: {}}, flatten, {dense: {units: 5, activation: sigmoid}}, {dropout: {rate: 0.3}}, {dense: {units: 3, activation: softmax}}]",
);

// Rows of an image are alike; which ones are bright is the class.
const batch = {
  size: 6,
  images: Float32Array.from({ length: 6 * 36 }, (_, index) => {
    const [example, row] = [Math.floor(index / 36), Math.floor((index % 36) / 6)];
    return Math.floor(row / 2) === example % 3 ? 0.9 : ((index * 7) % 5) / 20;
  }),
  labels: Int32Array.of(0, 1, 2, 0, 1, 2),
};

function build(
  options: { optimizer?: Optimizer; loss?: Loss; seed?: number; planned?: typeof model } = {},
): EngineModel {
  const { optimizer = sgd, loss = sparse, seed = 1, planned = model } = options;
  return engine.buildModel({ model: planned, loss, optimizer, seed });
}

function meanLoss(built: EngineModel): number {
  return built.predict(batch).losses.reduce((sum, loss) => sum + loss, 0) / batch.size;
}

describe("a training step", () => {
  test("goes down the gradient that finite differences show", () => {
    const withoutDropout = { ...model, layers: model.layers.filter(({ layer }) => layer.type !== "dropout") };
    const built = build({ planned: withoutDropout });
    const before = built.readState();
    built.trainStep(batch, { step: 0, learningRate: 1 });
    const after = built.readState();

    for (const [index, weight] of before.weights.entries()) {
      for (let position = 0; position < weight.values.length; position += 3) {
        const slope = (weight.values[position] ?? 0) - (after.weights[index]?.values[position] ?? 0);
        const expected = differenceQuotient(built, before, { index, position });
        expect(Math.abs(slope - expected), `${weight.name}[${position}]`).toBeLessThan(
          2e-4 + 0.01 * Math.abs(expected),
        );
      }
    }
    built.dispose();
  });

  test("reports the mean loss and the right answers from before it", () => {
    const withoutDropout = { ...model, layers: model.layers.filter(({ layer }) => layer.type !== "dropout") };
    const built = build({ planned: withoutDropout });
    const loss = meanLoss(built);

    built.trainStep(batch, { step: 0, learningRate: 0.1 });

    const [figures, ...others] = built.drainSteps();
    expect(others).toEqual([]);
    expect(figures?.loss).toBeCloseTo(loss, 6);
    expect(figures?.size).toBe(6);
    expect(built.drainSteps()).toEqual([]);
    built.dispose();
  });

  test("repeated makes the loss fall", () => {
    const built = build({ optimizer: adam });
    const before = meanLoss(built);

    for (let step = 0; step < 150; step++) built.trainStep(batch, { step, learningRate: 0.03 });

    expect(meanLoss(built)).toBeLessThan(before / 4);
    built.dispose();
  });

  test("uses only as much of longer buffers as the batch has", () => {
    const [plain, padded] = [build(), build()];
    const longer = {
      ...batch,
      images: Float32Array.of(...batch.images, NaN),
      labels: Int32Array.of(...batch.labels, 9),
    };

    plain.trainStep(batch, { step: 0, learningRate: 0.1 });
    padded.trainStep(longer, { step: 0, learningRate: 0.1 });

    expect(padded.readState()).toEqual(plain.readState());
    plain.dispose();
    padded.dispose();
  });

  test("drops other values than the step before", () => {
    const [first, second] = [build(), build()];

    first.trainStep(batch, { step: 0, learningRate: 0.1 });
    second.trainStep(batch, { step: 1, learningRate: 0.1 });

    expect(second.drainSteps()).not.toEqual(first.drainSteps());
    first.dispose();
    second.dispose();
  });
});

function differenceQuotient(
  built: EngineModel,
  state: ModelState,
  { index, position }: { readonly index: number; readonly position: number },
): number {
  const step = 1 / 64;
  const lossAt = (shift: number): number => {
    const weights = state.weights.map((weight, each) =>
      each === index
        ? { ...weight, values: weight.values.with(position, (weight.values[position] ?? 0) + shift) }
        : weight,
    );
    built.writeState({ ...state, weights });
    return meanLoss(built);
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

test("sparse and one-hot cross-entropy, from logits or from probabilities, train alike", () => {
  const logits = planModel([6, 6, 1], "[flatten, {dense: {units: 3}}]");
  const probabilities = planModel([6, 6, 1], "[flatten, {dense: {units: 3, activation: softmax}}]");
  const all = [
    build({ planned: probabilities }),
    build({ planned: probabilities, loss: { type: "categoricalCrossentropy", fromLogits: false } }),
    build({ planned: logits, loss: { ...sparse, fromLogits: true } }),
  ];

  for (const built of all) built.trainStep(batch, { step: 0, learningRate: 0.1 });

  const [first, ...others] = all.map((built) => ({ state: built.readState(), predictions: built.predict(batch) }));
  for (const other of others) expect(other).toEqual(first);
  for (const built of all) built.dispose();
});

test("a model of two classes with one output predicts both, and the same when it was saved", async () => {
  const loss: Loss = { type: "binaryCrossentropy", fromLogits: false };
  const built = build({ planned: planModel([6, 6, 1], "[flatten, {dense: {units: 1, activation: sigmoid}}]"), loss });
  const pairs = { ...batch, labels: batch.labels.map((label) => Math.min(label, 1)) };
  const before = built.predict(pairs).losses.reduce((sum, each) => sum + each, 0);

  for (let step = 0; step < 50; step++) built.trainStep(pairs, { step, learningRate: 0.1 });

  const predicted = built.predict(pairs);
  expect(predicted.probabilities).toHaveLength(2 * pairs.size);
  expect(predicted.losses.reduce((sum, each) => sum + each, 0)).toBeLessThan(before / 2);
  const loaded = await engine.loadModel(built.save(built.readEvaluatedWeights()), loss);
  expect(loaded.predict(pairs)).toEqual(predicted);
  built.dispose();
  loaded.dispose();
});

test("a model that ends without a softmax is refused if the loss is from probabilities", () => {
  expect(() => build({ planned: planModel([6, 6, 1], "[flatten, {dense: {units: 3}}]") })).toThrow(
    "needs a model that ends with the activation softmax",
  );
});

describe("a model's state", () => {
  test.each<[string, Optimizer, readonly string[]]>([
    ["plain descent", sgd, []],
    ["momentum", { ...sgd, momentum: 0.9 }, ["momentum"]],
    ["adam", adam, ["momentum", "velocity"]],
  ])("of %s has the slots of Keras' optimizer for each weight", (_, optimizer, slots) => {
    const built = build({ optimizer });

    const { weights, optimizer: found } = built.readState();

    expect(found.map(({ name }) => name)).toEqual(
      weights.flatMap(({ name }) => slots.map((slot) => `${name}/${slot}`)),
    );
    built.dispose();
  });

  test.each<Optimizer>([sgd, { ...sgd, momentum: 0.9, nesterov: true }, adam])(
    "written into a new model makes it go on exactly: %o",
    (optimizer) => {
      const original = build({ optimizer });
      for (let step = 0; step < 5; step++) original.trainStep(batch, { step, learningRate: 0.02 });

      const copy = build({ optimizer, seed: 1 });
      copy.writeState(original.readState());
      for (const each of [original, copy]) each.trainStep(batch, { step: 5, learningRate: 0.02 });

      expect(copy.readState()).toEqual(original.readState());
      original.dispose();
      copy.dispose();
    },
  );

  test("is not changed by steps that come after it was read", () => {
    const built = build({ optimizer: adam });
    built.trainStep(batch, { step: 0, learningRate: 0.1 });
    const state = built.readState();
    const copy = structuredClone(state);

    built.trainStep(batch, { step: 1, learningRate: 0.1 });

    expect(state).toEqual(copy);
    built.dispose();
  });

  test("of another model is refused", () => {
    const [built, other] = [
      build(),
      build({ planned: planModel([6, 6, 1], "[flatten, {dense: {units: 3, activation: softmax}}]") }),
    ];

    expect(() => built.writeState(other.readState())).toThrow("the state has 2 tensors, the model 6");

    built.dispose();
    other.dispose();
  });
});

test("training and predicting leave no tensors behind, and neither does a disposed model", () => {
  const before = engine.tensorCount();
  const built = build({ optimizer: adam });
  const whileBuilt = engine.tensorCount();

  for (let step = 0; step < 3; step++) built.trainStep(batch, { step, learningRate: 0.1 });
  built.predict(batch);
  built.writeState(built.readState());

  expect(engine.tensorCount()).toBe(whileBuilt);
  built.dispose();
  expect(engine.tensorCount()).toBe(before);
});

test("starting the engine leaves uncaught errors to the process", async () => {
  const listeners = process.listeners("uncaughtException");

  await createWasmEngine();

  expect(process.listeners("uncaughtException")).toEqual(listeners);
});
