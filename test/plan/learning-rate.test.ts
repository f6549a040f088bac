import { describe, expect, test } from "vitest";
import { learningRateAt, type ScheduleFrame } from "../../src/plan/learning-rate.ts";
import { scheduleSchema } from "../../src/spec/schema/schedule.ts";

/** Four epochs of 10 steps, from 0.8. */
const frame: ScheduleFrame = { base: 0.8, stepsPerEpoch: 10, stepCount: 40 };

/** The learning rates at some steps, rounded to 12 digits. */
function ratesOf(schedule: object, steps: readonly number[], changes: Partial<ScheduleFrame> = {}): number[] {
  const parsed = scheduleSchema.parse(schedule);
  return steps.map((step) => Number(learningRateAt(parsed, { ...frame, ...changes }, step).toPrecision(12)));
}

describe("the learning rate", () => {
  test("of a constant schedule never changes", () => {
    expect(ratesOf({ type: "constant" }, [0, 1e6])).toEqual([0.8, 0.8]);
  });

  test("of a step schedule drops after every n epochs, the steps within an epoch having the same", () => {
    const schedule = { type: "step", everyEpochs: 2, factor: 0.5 };

    expect(ratesOf(schedule, [0, 9, 19, 20, 39, 40, 60])).toEqual([0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.1]);
  });

  test("of a step schedule in steps drops after every n steps", () => {
    expect(ratesOf({ type: "step", everySteps: 3, factor: 0.5 }, [0, 2, 3, 5, 6])).toEqual([0.8, 0.8, 0.4, 0.4, 0.2]);
  });

  test("of a multi-step schedule drops after each of the given epochs or steps", () => {
    expect(ratesOf({ type: "multiStep", epochs: [1, 3], factor: 0.5 }, [9, 10, 29, 30])).toEqual([0.8, 0.4, 0.4, 0.2]);
    expect(ratesOf({ type: "multiStep", steps: [4, 5] }, [3, 4, 5])).toEqual([0.8, 0.08, 0.008]);
  });

  test("of a list is the epoch's, the last one holding", () => {
    expect(ratesOf({ type: "list", values: [0.3, 0.2] }, [0, 9, 10, 39])).toEqual([0.3, 0.3, 0.2, 0.2]);
  });

  test("of reduceOnPlateau is what it has come down to", () => {
    expect(ratesOf({ type: "reduceOnPlateau" }, [0])).toEqual([0.8]);
    expect(ratesOf({ type: "reduceOnPlateau" }, [25], { plateauRate: 0.08 })).toEqual([0.08]);
  });
});

// Golden values: keras 3.15.1 schedules (TensorFlow backend) evaluated in float64; the calls stand in the comments.
describe("as in Keras, the learning rate", () => {
  test("of an exponential schedule falls bit by bit, or in stairs", () => {
    // ExponentialDecay(0.8, decay_steps=10, decay_rate=0.5): 0.8 · 0.5^(s / 10)
    const schedule = { type: "exponential", decayRate: 0.5, everySteps: 10 };

    expect(ratesOf(schedule, [0, 5, 10, 25])).toEqual([0.8, 0.565685424949, 0.4, 0.141421356237]);
    expect(ratesOf({ ...schedule, staircase: true }, [0, 5, 10, 25])).toEqual([0.8, 0.8, 0.4, 0.2]);
    expect(ratesOf({ type: "exponential", decayRate: 0.25, everyEpochs: 2 }, [0, 9, 10, 20])).toEqual([
      0.8, 0.8, 0.4, 0.2,
    ]);
  });

  test("of a cosine schedule falls to its minimum over the whole training", () => {
    // CosineDecay(0.8, decay_steps=40, alpha=0.25)
    expect(ratesOf({ type: "cosine", minimum: 0.2 }, [0, 10, 20, 30, 39])).toEqual([
      0.8, 0.712132034356, 0.5, 0.287867965644, 0.20092479988,
    ]);
  });

  test("of a cosine schedule per epoch stays the same within an epoch", () => {
    expect(ratesOf({ type: "cosine", per: "epoch" }, [0, 9, 10, 29])).toEqual([0.8, 0.8, 0.682842712475, 0.4]);
  });

  test("of a cosine schedule with restarts starts again in longer cycles", () => {
    // CosineDecayRestarts(0.8, first_decay_steps=8, t_mul=2.0, m_mul=0.5, alpha=0.0): restarts at 8 and 24
    const schedule = { type: "cosine", restarts: { firstSteps: 8, factor: 0.5 } };

    expect(ratesOf(schedule, [0, 4, 7, 8, 16, 23, 24])).toEqual([
      0.8, 0.4, 0.0304481869955, 0.4, 0.2, 0.00384294391935, 0.2,
    ]);
    expect(ratesOf({ type: "cosine", restarts: { firstEpochs: 1, multiplier: 1 } }, [0, 5, 10, 15, 30])).toEqual([
      0.8, 0.4, 0.8, 0.4, 0.8,
    ]);
  });

  test("rises in a straight line while it warms up, and the cosine begins after that", () => {
    // CosineDecay(0.0, decay_steps=30, warmup_target=0.8, warmup_steps=10)
    const schedule = { type: "cosine", warmup: { epochs: 1 } };

    expect(ratesOf(schedule, [0, 1, 5, 9, 10, 25])).toEqual([0, 0.08, 0.4, 0.72, 0.8, 0.4]);
    expect(ratesOf({ type: "constant", warmup: { steps: 4, from: 0.4 } }, [0, 1, 3, 4, 5])).toEqual([
      0.4, 0.5, 0.7, 0.8, 0.8,
    ]);
  });

  test("counts a schedule's epochs from the end of its warm-up", () => {
    const schedule = { type: "step", everyEpochs: 1, factor: 0.5, warmup: { steps: 5 } };

    expect(ratesOf(schedule, [4, 5, 14, 15, 25])).toEqual([0.64, 0.8, 0.8, 0.4, 0.2]);
  });

  test("warms up to the first of a list", () => {
    expect(ratesOf({ type: "list", values: [0.4, 0.1], warmup: { epochs: 1 } }, [5, 10, 20])).toEqual([0.2, 0.4, 0.1]);
  });
});
