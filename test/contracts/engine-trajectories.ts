import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parseSection } from "../../src/spec/parse-section.ts";
import type { Engine, NamedTensor } from "../../trainer/engine/engine.ts";
import { planModel } from "../trainer/plan-model.ts";

// Golden weights of Keras 3.15.1 on TensorFlow 2.21.0, written by test/fixtures/keras/trajectories.py.

/** A training by Keras. */
export interface Trajectory {
  readonly net: "mlp" | "cnn";
  readonly outputs: number;
  readonly optimizer: keyof typeof optimizers;
  readonly loss: keyof typeof losses;
  readonly losses: readonly number[];
  /** After the first step, of Adam in all its variants. */
  readonly first?: Weights;
  readonly end: Weights;
  readonly classWeights?: Readonly<Record<string, number>>;
}
type Weights = Readonly<Record<string, readonly number[]>>;

const file = new URL("../fixtures/keras/trajectories.json", import.meta.url);
const { starts, runs } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly starts: Readonly<Record<string, Weights>>;
  readonly runs: readonly Trajectory[];
};

const learningRate = 0.02;
const sgd = { type: "sgd", momentum: 0.9 };
const optimizers = {
  sgd: { optimizer: { ...sgd, nesterov: true } },
  momentum: { optimizer: sgd },
  adam: { optimizer: { type: "adam" } },
  amsgrad: { optimizer: { type: "adam", amsgrad: true } },
  adamw: { optimizer: { type: "adamw", weightDecay: 0.1 } },
  rmsprop: { optimizer: { type: "rmsprop", momentum: 0.5, centered: true, epsilon: 1e-3 } },
  adagrad: { optimizer: { type: "adagrad" } },
  clipped: { optimizer: sgd, gradientClipping: { globalNorm: 0.5 } },
  ema: { optimizer: sgd, ema: { decay: 0.9 } },
};
const losses = {
  sparse: "sparseCategoricalCrossentropy",
  smoothed: { type: "categoricalCrossentropy", labelSmoothing: 0.2 },
  squared: "meanSquaredError",
  binary: "binaryCrossentropy",
};
const models = {
  mlp: (last: string) => `[flatten, {dense: {units: 8, activation: tanh}}, ${last}]`,
  cnn: (last: string) =>
    `[{conv2d: {filters: 3, kernelSize: 3, padding: same, activation: relu}}, {maxPooling2d: {}}, flatten, ${last}]`,
};

const side = 8;
const batchSize = 12;

/** One of five batches of 60 examples; the formulas are those of the script. */
function batchOf(step: number, classCount: number) {
  const first = (step % 5) * batchSize;
  const labelOf = (example: number) => (example * 5 + Math.floor(example / 7)) % classCount;
  const pixelOf = (example: number, pixel: number) => {
    const bright = Math.floor(Math.floor(pixel / side) / 2) === labelOf(example) ? 120 : 0;
    return (bright + ((example * 37 + pixel * 11 + ((example * pixel) % 23)) % 100)) / 255;
  };
  const pixels = side * side;
  return {
    size: batchSize,
    images: Float32Array.from({ length: batchSize * pixels }, (_, index) =>
      pixelOf(first + Math.floor(index / pixels), index % pixels),
    ),
    labels: Int32Array.from({ length: batchSize }, (_, index) => labelOf(first + index)),
  };
}

/** How a training here differs from that of the script. */
interface TrainingChange {
  readonly steps?: number;
  /** Factor of the learning rate. */
  readonly factor?: number;
}

/** The same training here: losses of the steps, and weights at its end. */
function train(engine: Engine, run: Trajectory, { steps = 20, factor = 1 }: TrainingChange = {}) {
  const { net, outputs, optimizer, loss, classWeights } = run;
  const parsed = parseSection("training", { epochs: 1, ...optimizers[optimizer], loss: losses[loss] });
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const last = `{dense: {units: ${outputs}, activation: ${outputs === 1 ? "sigmoid" : "softmax"}}}`;
  const built = engine.buildModel({
    ...parsed.value,
    model: planModel([side, side, 1], models[net](last)),
    classWeights: classWeights && Float64Array.from(Object.values(classWeights)),
    seed: 1,
  });
  const state = built.readState();
  const start = starts[`${net}-${outputs}`] ?? {};
  const weights = state.weights.map((weight) => ({ ...weight, values: Float32Array.from(start[weight.name] ?? []) }));
  built.writeState({ ...state, weights });
  for (let step = 0; step < steps; step++) {
    built.trainStep(batchOf(step, Math.max(2, outputs)), { step, learningRate: learningRate * factor });
  }
  const result = { losses: built.drainSteps().map((figures) => figures.loss), end: built.readEvaluatedWeights() };
  built.dispose();
  return result;
}

const norm = (values: Iterable<number>): number => Math.hypot(...values);

/** Largest relative difference of a weight tensor: ‖a − b‖ / ‖b‖. */
function difference(weights: readonly NamedTensor[], wanted: (name: string) => ArrayLike<number>): number {
  const each = weights.map(({ name, values }) => {
    const other = wanted(name);
    return norm(values.map((value, index) => value - (other[index] ?? Number.NaN))) / norm(Array.from(other));
  });
  return Math.max(...each);
}

/**
 * What float32 makes of Adam's 1 − beta2 as a factor of the learning rate: how far two right implementations may be from
 * each other. It is small after one step, and may grow with every further one.
 */
const adamRounding = 1 + 6.7e-6;

const weightsOf = (weights: Weights) => (name: string) => weights[name] ?? [];
const byName = (runs: readonly Trajectory[]) => runs.map((run) => [run.net, run.optimizer, run.loss, run] as const);
const isAdam = ({ optimizer }: Trajectory) => optimizer.startsWith("a") && optimizer !== "adagrad";

/** How far an engine's weights may be from Keras', as the largest relative difference of a tensor. */
export interface TrajectoryTolerances {
  /** Of Adam after one step. */
  readonly oneAdamStep: number;
  /** Of everything but Adam after 20 steps. */
  readonly end: number;
  /** Of Adam after 20 steps, in times of what `adamRounding` makes of them. */
  readonly adamEndInRoundings: number;
}

/**
 * Holds an engine to Keras, from given weights, over every optimizer, loss and rule of which there are golden figures.
 * @param open starts the engine; called once
 */
export function describeEngineTrajectories(
  name: string,
  open: () => Promise<Engine>,
  tolerances: TrajectoryTolerances,
): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  describe(`${name}: 20 steps give the weights that Keras gives`, () => {
    test.each(byName(runs.filter((run) => !isAdam(run))))("%s, %s, %s", (_net, _opt, _loss, run) => {
      const { losses: found, end } = train(engine, run);

      expect(difference(end, weightsOf(run.end))).toBeLessThan(tolerances.end);
      for (const [step, loss] of found.entries()) expect(loss).toBeCloseTo(run.losses[step] ?? Number.NaN, 4);
    });
  });

  describe(`${name}: one step gives the weights that Keras gives`, () => {
    test.each(byName(runs.filter(isAdam)))("%s, %s, %s", (_net, _opt, _loss, run) => {
      const { end } = train(engine, run, { steps: 1 });

      expect(difference(end, weightsOf(run.first ?? {}))).toBeLessThan(tolerances.oneAdamStep);
    });
  });

  describe(`${name}: 20 steps are as near to Keras as its rounding lets Adam be`, () => {
    test.each(byName(runs.filter(isAdam)))("%s, %s, %s", (_net, _opt, _loss, run) => {
      const { losses: found, end } = train(engine, run);
      const rounded = train(engine, run, { factor: adamRounding });

      const yardstick = difference(rounded.end, (weight) => end.find((each) => each.name === weight)?.values ?? []);
      expect(difference(end, weightsOf(run.end))).toBeLessThan(tolerances.adamEndInRoundings * yardstick);
      for (const [step, loss] of found.entries()) expect(loss).toBeCloseTo(run.losses[step] ?? Number.NaN, 4);
    });
  });
}
