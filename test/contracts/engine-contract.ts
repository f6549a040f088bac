import { beforeAll, describe, expect, test } from "vitest";
import type { Loss, Optimizer } from "../../src/spec/schema/training.ts";
import type { Batch, Engine, EngineModel } from "../../trainer/engine/engine.ts";
import { caseBatch, layerCases, lossCases, ruleCases, type TrainingCase } from "./training-cases.ts";
import { planModel } from "../trainer/plan-model.ts";

const loss: Loss = { type: "sparseCategoricalCrossentropy", fromLogits: false };
const sgd: Extract<Optimizer, { type: "sgd" }> = { type: "sgd", learningRate: 0.1, momentum: 0, nesterov: false };
const adam: Optimizer = { type: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

const optimizers: readonly [string, Optimizer][] = [
  ["plain descent", sgd],
  ["momentum", { ...sgd, momentum: 0.9 }],
  ["Nesterov's momentum", { ...sgd, momentum: 0.9, nesterov: true }],
  ["Adam", adam],
];

const model = planModel(
  [6, 6, 1],
  `[{conv2d: {filters: 2, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {poolSize: 2, strides: 1}},
    {conv2d: {filters: 2, kernelSize: 2, activation: tanh}}, {averagePooling2d: {}}, flatten,
    {dense: {units: 5, activation: sigmoid}}, {dropout: {rate: 0.3}}, {dense: {units: 3, activation: softmax}}]`,
);

/** Rows of an image are alike; which ones are bright is the class. */
export function rowBatch(size: number): Batch {
  return {
    size,
    images: Float32Array.from({ length: size * 36 }, (_, index) => {
      const [example, row] = [Math.floor(index / 36), Math.floor((index % 36) / 6)];
      return Math.floor(row / 2) === example % 3 ? 0.9 : ((index * 7) % 5) / 20;
    }),
    labels: Int32Array.from({ length: size }, (_, example) => example % 3),
  };
}

const batch = rowBatch(6);

const allCases = [...ruleCases, ...lossCases, ...layerCases];

/**
 * What every engine must do.
 * @param open starts the engine; called once
 * @param options.stepMode how it must compute every step, if it has several ways
 * @param options.cases what it is tried at; absent = everything
 */
export function describeEngineContract(
  name: string,
  open: () => Promise<Engine>,
  { stepMode, cases = allCases }: { readonly stepMode?: string; readonly cases?: readonly TrainingCase[] } = {},
): void {
  describe(`${name} as an engine`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    const build = (optimizer: Optimizer, seed = 1): EngineModel => engine.buildModel({ model, loss, optimizer, seed });

    test.each(optimizers)("%s learns to tell the classes apart", (_, optimizer) => {
      const built = build(optimizer);

      train(built, { from: 0, to: 200, learningRate: optimizer.type === "adam" ? 0.03 : 0.2 });

      const figures = built.drainSteps();
      expect(figures).toHaveLength(200);
      expect(meanLoss(built)).toBeLessThan((figures[0]?.loss ?? 0) / 2);
      built.dispose();
    });

    test.each(optimizers)("%s repeats itself to the bit", (_, optimizer) => {
      const [first, second] = [build(optimizer), build(optimizer)];

      for (const each of [first, second]) train(each, { from: 0, to: 5 });

      expect(second.readState()).toEqual(first.readState());
      expect(second.drainSteps()).toEqual(first.drainSteps());
      first.dispose();
      second.dispose();
    });

    test.each(optimizers)("%s goes on in a new model exactly where it was", (_, optimizer) => {
      const uninterrupted = build(optimizer);
      train(uninterrupted, { from: 0, to: 8 });

      const before = build(optimizer);
      train(before, { from: 0, to: 5 });
      const state = structuredClone(before.readState());
      before.dispose();
      const after = build(optimizer);
      after.writeState(state);
      train(after, { from: 5, to: 8 });

      expect(after.readState()).toEqual(uninterrupted.readState());
      after.dispose();
      uninterrupted.dispose();
    });

    test.each(cases.map((each) => [each.name, each] as const))(
      "%s: goes on in a new model exactly where it was, and is saved as it predicts",
      async (_, each) => {
        const tensorsBefore = engine.tensorCount();
        const whole = engine.buildModel({ ...each.request, seed: 3 });
        trainCase(whole, each, { from: 0, to: 5 });

        const before = engine.buildModel({ ...each.request, seed: 3 });
        trainCase(before, each, { from: 0, to: 2 });
        const state = structuredClone(before.readState());
        before.dispose();
        const after = engine.buildModel({ ...each.request, seed: 3 });
        after.writeState(state);
        trainCase(after, each, { from: 2, to: 5 });
        const predicted = structuredClone(after.predict(caseBatch(each, 4, 0)));
        const loaded = await engine.loadModel(after.save(after.readEvaluatedWeights()), each.request.loss);

        expect(after.readState()).toEqual(whole.readState());
        expect(after.drainSteps()).toEqual(whole.drainSteps().slice(2));
        expect(loaded.predict(caseBatch(each, 4, 0)).probabilities).toEqual(predicted.probabilities);
        expect(after.stepMode ?? stepMode).toBe(stepMode);
        for (const model of [whole, after, loaded]) model.dispose();
        expect(engine.tensorCount()).toBe(tensorsBefore);
      },
    );

    test("a state that was written is read back unchanged", () => {
      const [trained, fresh] = [build(adam), build(adam)];
      train(trained, { from: 0, to: 3 });

      fresh.writeState(trained.readState());

      expect(fresh.readState()).toEqual(trained.readState());
      trained.dispose();
      fresh.dispose();
    });

    test("a state is not changed by steps that come after it was read", () => {
      const built = build(adam);
      train(built, { from: 0, to: 2 });
      const state = built.readState();
      const copy = structuredClone(state);

      train(built, { from: 2, to: 4 });

      expect(state).toEqual(copy);
      built.dispose();
    });

    test("two models in one process don't influence each other", () => {
      const alone = build(adam);
      train(alone, { from: 0, to: 4 });

      const [first, other] = [build(adam), build({ ...sgd, momentum: 0.5 }, 2)];
      for (let step = 0; step < 4; step++) {
        for (const each of [first, other]) train(each, { from: step, to: step + 1 });
      }

      expect(first.readState()).toEqual(alone.readState());
      for (const each of [alone, first, other]) each.dispose();
    });

    test("batches of several sizes take turns, in whatever order they come", () => {
      const [first, second] = [build(adam), build(adam)];
      second.predict(rowBatch(4));

      for (const each of [first, second]) {
        for (const [step, size] of [6, 2, 6, 5, 2].entries()) {
          each.trainStep(rowBatch(size), { step, learningRate: 0.01 });
        }
      }

      expect(second.readState()).toEqual(first.readState());
      expect(first.drainSteps().map(({ size }) => size)).toEqual([6, 2, 6, 5, 2]);
      first.dispose();
      second.dispose();
    });

    test("sizes that were announced change nothing", () => {
      const plain = build(adam);
      const announced = engine.buildModel({
        model,
        loss,
        optimizer: adam,
        seed: 1,
        batchSizes: { train: [6, 2], predict: [6] },
      });

      for (const each of [plain, announced]) train(each, { from: 0, to: 3 });

      expect(announced.readState()).toEqual(plain.readState());
      expect(announced.predict(batch)).toEqual(plain.predict(batch));
      plain.dispose();
      announced.dispose();
    });

    test("figures of a step are from before it", () => {
      const withoutDropout = { ...model, layers: model.layers.filter(({ layer }) => layer.type !== "dropout") };
      const built = engine.buildModel({ model: withoutDropout, loss, optimizer: sgd, seed: 3 });
      const before = meanLoss(built);

      built.trainStep(batch, { step: 0, learningRate: 0.5 });

      expect(built.drainSteps()[0]?.loss).toBeCloseTo(before, 5);
      expect(meanLoss(built)).not.toBeCloseTo(before, 5);
      built.dispose();
    });

    test("a saved model predicts exactly what the model in memory predicts", async () => {
      const built = build(adam);
      train(built, { from: 0, to: 10 });
      const expected = structuredClone(built.predict(batch));

      const loaded = await engine.loadModel(built.save(built.readState().weights), loss);

      expect(loaded.predict(batch)).toEqual(expected);
      loaded.dispose();
      built.dispose();
    });

    test("buffers may be longer than the batch, and may be used again at once", () => {
      const [plain, reused] = [build(adam), build(adam)];
      const buffers = { size: 6, images: new Float32Array(500).fill(NaN), labels: new Int32Array(9).fill(9) };

      for (let step = 0; step < 3; step++) {
        plain.trainStep(batch, { step, learningRate: 0.01 });
        buffers.images.set(batch.images);
        buffers.labels.set(batch.labels);
        reused.trainStep(buffers, { step, learningRate: 0.01 });
        buffers.images.fill(NaN);
        buffers.labels.fill(9);
      }

      expect(reused.readState()).toEqual(plain.readState());
      expect(reused.drainSteps()).toEqual(plain.drainSteps());
      plain.dispose();
      reused.dispose();
    });

    test("training and predicting leave no tensors behind, and neither does a disposed model", async () => {
      const before = engine.tensorCount();
      const built = build(adam);
      const whileBuilt = engine.tensorCount();

      train(built, { from: 0, to: 3 });
      built.predict(rowBatch(3));
      built.writeState(built.readState());
      const loaded = await engine.loadModel(built.save(built.readState().weights), loss);
      loaded.predict(batch);
      loaded.dispose();

      expect(engine.tensorCount()).toBe(whileBuilt);
      built.dispose();
      expect(engine.tensorCount()).toBe(before);
    });
  });
}

function train(
  built: EngineModel,
  { from, to, learningRate = 0.02 }: { readonly from: number; readonly to: number; readonly learningRate?: number },
): void {
  for (let step = from; step < to; step++) built.trainStep(batch, { step, learningRate });
}

/** With a partial batch every third step. */
function trainCase(
  built: EngineModel,
  each: TrainingCase,
  { from, to }: { readonly from: number; readonly to: number },
) {
  for (let step = from; step < to; step++) {
    built.trainStep(caseBatch(each, step % 3 === 2 ? 2 : 4, step), { step, learningRate: 0.05 });
  }
}

function meanLoss(built: EngineModel): number {
  return built.predict(batch).losses.reduce((sum, each) => sum + each, 0) / batch.size;
}
