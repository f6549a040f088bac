import { inferShapes } from "../../src/plan/infer-shapes.ts";
import type { PlannedModel } from "../../src/plan/plan.ts";
import { modelSchema } from "../../src/spec/schema/layer.ts";
import type { Loss, Optimizer } from "../../src/spec/schema/training.ts";
import type { Batch, Engine, EngineModel, ModelState } from "./engine.ts";

/** One thing that an engine was tried at. */
export interface SelfCheck {
  readonly name: string;
  readonly isPassed: boolean;
  /** The figures. */
  readonly detail: string;
}

const loss: Loss = { type: "sparseCategoricalCrossentropy", fromLogits: false };
const momentum: Optimizer = { type: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: false };
const descent: Optimizer = { ...momentum, momentum: 0 };

/**
 * Mean losses of the tiny model before, after 10 and after 20 steps of momentum SGD, from the wasm engine, whose gradients are held to
 * finite differences by its tests. Engines round differently, by less than the tolerance.
 */
const frozenLosses = [1.36695, 1.01299, 0.54296];
const lossTolerance = 2e-4;
/** Of a finite difference in float32. */
const slopeTolerance = 0.01;

/** Tries an engine at a tiny training and at one gradient, against figures that are known. */
export function selfTest(engine: Engine): SelfCheck[] {
  return [checkTraining(engine), checkGradient(engine)];
}

function checkTraining(engine: Engine): SelfCheck {
  const built = engine.buildModel({ model: tinyModel, loss, optimizer: momentum, seed: 1 });
  try {
    const losses = [meanLoss(built)];
    for (let step = 0; step < 20; step++) {
      built.trainStep(tinyBatch, { step, learningRate: 0.03 });
      if (step % 10 === 9) losses.push(meanLoss(built));
    }
    const isPassed = losses.every((each, index) => Math.abs(each - (frozenLosses[index] ?? NaN)) <= lossTolerance);
    const steps = built.stepMode === undefined ? "" : `; steps ${built.stepMode}`;
    const detail = `losses ${losses.map((each) => each.toFixed(5)).join(", ")}, expected ${frozenLosses.join(", ")}${steps}`;
    return { name: "a tiny training", isPassed, detail };
  } finally {
    built.dispose();
  }
}

/** Compares what a step changes one weight by with how the loss changes with that weight. */
function checkGradient(engine: Engine): SelfCheck {
  const built = engine.buildModel({ model: tinyModel, loss, optimizer: descent, seed: 1 });
  try {
    const before = built.readState();
    built.trainStep(tinyBatch, { step: 0, learningRate: 1 });
    const after = built.readState();
    const slope = (before.weights[0]?.values[0] ?? 0) - (after.weights[0]?.values[0] ?? 0);
    const expected = slopeOf(built, before);
    const isPassed = Math.abs(slope - expected) <= slopeTolerance * Math.max(0.01, Math.abs(expected));
    const detail = `${slope.toFixed(5)}, by finite differences ${expected.toFixed(5)}`;
    return { name: "the gradient of a convolution's weight", isPassed, detail };
  } finally {
    built.dispose();
  }
}

function slopeOf(built: EngineModel, state: ModelState): number {
  const shift = 1 / 64;
  const lossAt = (by: number): number => {
    const weights = state.weights.map((weight, index) =>
      index === 0 ? { ...weight, values: weight.values.with(0, (weight.values[0] ?? 0) + by) } : weight,
    );
    built.writeState({ ...state, weights });
    return meanLoss(built);
  };
  return (lossAt(shift) - lossAt(-shift)) / (2 * shift);
}

function meanLoss(built: EngineModel): number {
  return built.predict(tinyBatch).losses.reduce((sum, each) => sum + each, 0) / tinyBatch.size;
}

/** Rows of a 4×4 image are alike; which half is bright is the class. */
const tinyBatch: Batch = {
  size: 6,
  images: Float32Array.from({ length: 6 * 16 }, (_, index) => {
    const [example, row] = [Math.floor(index / 16), Math.floor((index % 16) / 4)];
    return row % 3 === example % 3 ? 0.9 : ((index * 7) % 5) / 20;
  }),
  labels: Int32Array.of(0, 1, 2, 0, 1, 2),
};

const tinyModel = planTinyModel();

function planTinyModel(): PlannedModel {
  const layers = [
    { conv2d: { filters: 2, kernelSize: 2, activation: "tanh" } },
    { maxPooling2d: { poolSize: 2, strides: 1 } },
    "flatten",
    { dense: { units: 3, activation: "softmax" } },
  ];
  const { planned } = inferShapes(modelSchema.parse({ layers }), [4, 4, 1]);
  if (planned === undefined) throw new Error("the model of the self-test does not fit");
  return planned;
}
