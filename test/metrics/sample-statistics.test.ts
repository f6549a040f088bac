import { expect, test } from "vitest";
import { mean, sampleStandardDeviation } from "../../src/metrics/sample-statistics.ts";

test("mean and standard deviation are NumPy's", () => {
  // numpy 2.4.6: np.mean(v), np.std(v, ddof=1)
  const values = [0.981, 0.984, 0.9795];

  expect(mean(values)).toBeCloseTo(0.9815, 15);
  expect(sampleStandardDeviation(values)).toBeCloseTo(0.0022912878474778977, 15);
});

test("a large mean costs the standard deviation no digits", () => {
  // numpy 2.4.6: np.std(v, ddof=1)
  expect(sampleStandardDeviation([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBe(5.477225575051661);
});

test("equal values have a standard deviation of 0", () => {
  expect(sampleStandardDeviation([0.5, 0.5, 0.5])).toBe(0);
});

test("too few values are refused", () => {
  expect(() => mean([])).toThrow("the mean of no values is undefined");
  expect(() => sampleStandardDeviation([1])).toThrow("a standard deviation needs two values or more, got 1");
});
