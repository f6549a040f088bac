import { expect, test } from "vitest";
import { logLoss, mean, sampleStandardDeviation } from "../../src/metrics/sample-statistics.ts";

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

test("log loss is the mean of what the examples lost", () => {
  // scikit-learn 1.9.1: log_loss([0, 1, 2], [[.7, .2, .1], [.1, .6, .3], [.25, .25, .5]])
  const exampleLosses = Float64Array.of(-Math.log(0.7), -Math.log(0.6), -Math.log(0.5));

  expect(logLoss(exampleLosses)).toBeCloseTo(0.5202159160882228, 15);
});

test("too few values are refused", () => {
  expect(() => mean([])).toThrow("the mean of no values is undefined");
  expect(() => sampleStandardDeviation([1])).toThrow("a standard deviation needs two values or more, got 1");
});
