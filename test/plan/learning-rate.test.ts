import { describe, expect, test } from "vitest";
import { learningRateAt } from "../../src/plan/learning-rate.ts";

describe("the learning rate", () => {
  test("of a constant schedule never changes", () => {
    expect(learningRateAt({ type: "constant" }, 0.01, { epoch: 99, step: 1e6 })).toBe(0.01);
  });

  test("of a step schedule drops after every n epochs, the steps within an epoch having the same", () => {
    const schedule = { type: "step", everyEpochs: 10, factor: 0.5 } as const;
    const at = (epoch: number, step = 0) => learningRateAt(schedule, 0.8, { epoch, step });

    expect([at(0), at(9), at(9, 12_345)]).toEqual([0.8, 0.8, 0.8]);
    expect([at(10), at(19), at(20), at(35)]).toEqual([0.4, 0.4, 0.2, 0.1]);
  });
});
