import fc from "fast-check";
import { expect, test } from "vitest";
import { wilsonInterval } from "../../src/metrics/wilson-interval.ts";

// SciPy 1.17.1: scipy.stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
test.each([
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371109, 1],
  [1, 1, 0.20654931437723745, 1],
  [7, 20, 0.1811918241010821, 0.5671457233147637],
  [9812, 10000, 0.9783473383077018, 0.983683101660359],
])("the interval of %d in %d is SciPy's", (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);

  expect(interval.low).toBeCloseTo(low, 14);
  expect(interval.high).toBeCloseTo(high, 14);
});

test("the interval lies within 0…1 and holds the share itself", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, part) => {
      const successes = Math.round(part * trials);

      const { low, high } = wilsonInterval(successes, trials);

      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(successes / trials);
      expect(high).toBeGreaterThanOrEqual(successes / trials);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

test("impossible counts are refused", () => {
  expect(() => wilsonInterval(0, 0)).toThrow("trials must be an integer ≥ 1, got 0");
  expect(() => wilsonInterval(11, 10)).toThrow("successes must be an integer 0…10, got 11");
  expect(() => wilsonInterval(0.5, 10)).toThrow(RangeError);
});
