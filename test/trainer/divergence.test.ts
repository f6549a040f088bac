import { expect, test } from "vitest";
import { trainingSchema } from "../../src/spec/schema/training.ts";
import { describeDivergence } from "../../trainer/divergence.ts";

const divergence = { of: "training", loss: Number.NaN, epoch: 2, step: 7, stepCount: 9, learningRate: 0.1 } as const;
const reasonOf = (training: object) =>
  describeDivergence(divergence, trainingSchema.parse({ epochs: 3, ...training })).reason;

test("a diverged loss is told with what fits its optimizer, schedule and loss", () => {
  expect(reasonOf({ optimizer: { type: "rmsprop", momentum: 0.95 }, gradientClipping: { norm: 1 } })).toBe(
    "the training loss became NaN in epoch 2, at step 7 of 9, with learning rate 0.1. " +
      "Try a smaller training.optimizer.learningRate, e.g. 0.01, or initialisers with a smaller spread, " +
      "or less momentum, or a larger training.optimizer.epsilon, e.g. 1e-4. " +
      "(loss sparseCategoricalCrossentropy, optimizer rmsprop)",
  );
  expect(reasonOf({ learningRateSchedule: { type: "list", values: [0.1] }, loss: "meanSquaredError" })).toMatch(
    /Try a smaller training\.learningRateSchedule\.values, e\.g\. 0\.01, .*\(loss meanSquaredError, optimizer adam\)$/,
  );
});
