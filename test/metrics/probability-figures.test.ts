import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brierScore,
  expectedCalibrationError,
  logLoss,
  squaredError,
  topKAccuracies,
  trueClassRank,
} from "../../src/metrics/probability-figures.ts";

// Made from a formula that Python can repeat: float32 probabilities of 6 classes for 40 examples.
const classCount = 6;
const labels = Array.from({ length: 40 }, (_, example) => (example * example + Math.floor(example / 3)) % classCount);
const rows = labels.map((_, example) => {
  const weights = Array.from(
    { length: classCount },
    (_, k) => (((example * 7 + k * 13 + example * k * 3) % 29) + 1 + k / 10) ** 3,
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
});
const ranks = rows.map((row, example) => trueClassRank(row, labels[example] ?? 0));

// Expected values frozen from scikit-learn 1.9.1 of these probabilities.
describe("of forty examples, as in scikit-learn", () => {
  test("top-k accuracies are those of top_k_accuracy_score", () => {
    expect(topKAccuracies(ranks, 5)).toEqual([0.125, 0.25, 0.45, 0.525, 0.725]);
  });

  test("log loss is that of log_loss", () => {
    const trueProbabilities = rows.map((row, example) => row[labels[example] ?? 0] ?? 0);

    expect(logLoss(trueProbabilities)).toBeCloseTo(3.479528388493334, 6);
  });

  test("Brier score is that of brier_score_loss without halving", () => {
    const errors = rows.map((row, example) => squaredError(row, labels[example] ?? 0));

    expect(brierScore(errors)).toBeCloseTo(1.060273628117642, 7);
  });

  test("expected calibration error is that of the bins of calibration_curve", () => {
    const error = expectedCalibrationError(
      rows.map((row) => Math.max(...row)),
      (example) => ranks[example] === 0,
    );

    expect(error).toBeCloseTo(0.3416283614933491, 14);
  });
});

describe("rank of the true class", () => {
  test("counts the classes that are more probable", () => {
    expect([0, 1, 2].map((label) => trueClassRank([0.2, 0.5, 0.3], label))).toEqual([2, 0, 1]);
  });

  test("lets the lower class index go first where probabilities are equal", () => {
    expect([0, 1, 2].map((label) => trueClassRank([0.25, 0.5, 0.25], label))).toEqual([1, 0, 2]);
    expect([0, 1].map((label) => trueClassRank([0.5, 0.5], label))).toEqual([0, 1]);
  });

  test("is different for every class", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 9 }), (probabilities) => {
        const all = probabilities.map((_, label) => trueClassRank(probabilities, label));
        expect([...all].sort((a, b) => a - b)).toEqual([...probabilities.keys()]);
      }),
    );
  });
});

describe("at the limits", () => {
  test("the top-k accuracy of all classes is 1", () => {
    expect(topKAccuracies(ranks, classCount).at(-1)).toBe(1);
  });

  test("a probability of 0 for the true class costs 23 ln 2, and one of 1 almost nothing", () => {
    expect(logLoss([0])).toBeCloseTo(23 * Math.LN2, 12);
    // Frozen from scikit-learn 1.9.1: log_loss([0, 0], float32 [[1, 0, 0], [0, 1, 0]]).
    expect(logLoss([1, 0])).toBeCloseTo(7.971192359924316, 6);
  });

  test("the Brier score is 0 if certain and right, 2 if certain and wrong", () => {
    expect(squaredError([0, 1, 0], 1)).toBe(0);
    expect(squaredError([0, 1, 0], 2)).toBe(2);
  });

  test("a model that is as often right as it claims has no calibration error, one that is always wrong all of it", () => {
    expect(expectedCalibrationError([0.75, 0.75, 0.75, 0.75], (example) => example > 0)).toBe(0);
    expect(expectedCalibrationError([1, 1], () => false)).toBe(1);
  });

  test("a confidence on the edge between two bins belongs to the lower one", () => {
    // 0.2 and 0.18 share the bin (2/15, 3/15]; 0.22 has the next: gaps of 0.62 and -0.22 don't cancel.
    const error = expectedCalibrationError([0.2, 0.18, 0.22], (example) => example === 0);

    expect(error).toBeCloseTo((1 - 0.38 + 0.22) / 3, 14);
  });

  test("nothing is defined without examples", () => {
    expect(() => topKAccuracies([], 1)).toThrow(RangeError);
    expect(() => logLoss([])).toThrow(RangeError);
    expect(() => brierScore([])).toThrow(RangeError);
    expect(() => expectedCalibrationError([], () => true)).toThrow(RangeError);
  });
});
