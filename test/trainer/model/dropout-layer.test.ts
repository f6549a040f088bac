import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dropoutMask } from "../../../trainer/model/dropout-layer.ts";

const key = { seed: 1, layerIndex: 2, step: 3 };

describe("a dropout mask", () => {
  test("is 0 or 1 / (1 - rate), and 0 about as often as the rate says", () => {
    const mask = dropoutMask(0.2, 10_000, key);

    expect(new Set(mask)).toEqual(new Set([0, 1.25]));
    const dropped = mask.filter((value) => value === 0).length;
    // 2,000 ± 4 deviations of 40.
    expect(Math.abs(dropped - 2000)).toBeLessThan(160);
  });

  test("differs between steps, layers and seeds", () => {
    const masks = [key, { ...key, step: 4 }, { ...key, layerIndex: 3 }, { ...key, seed: 2 }].map((each) =>
      dropoutMask(0.5, 64, each).join(),
    );

    expect(new Set(masks).size).toBe(4);
  });

  test("of a step is the same whatever was drawn before it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(), (stepsBefore, step) => {
        const alone = dropoutMask(0.5, 32, { ...key, step });
        for (const before of stepsBefore) dropoutMask(0.5, 32, { ...key, step: before });
        expect(dropoutMask(0.5, 32, { ...key, step })).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });
});
