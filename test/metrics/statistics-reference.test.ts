import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bcaInterval, percentileInterval } from "../../src/metrics/bootstrap.ts";
import { changePoints, noiseOfSteps } from "../../src/metrics/change-points.ts";
import { fisherTest, signTest, smallestRankTestP } from "../../src/metrics/exact-tests.ts";
import { benjaminiHochberg, holm } from "../../src/metrics/multiple-tests.ts";
import {
  expectedMaximum,
  normalDensity,
  normalQuantile,
  normalShareBelow,
} from "../../src/metrics/normal-distribution.ts";
import { predictionMargin } from "../../src/metrics/prediction-limit.ts";
import { sampleStandardDeviation } from "../../src/metrics/sample-statistics.ts";
import { rankCorrelation } from "../../src/metrics/rank-correlation.ts";
import { reliabilityCurve } from "../../src/metrics/reliability-curve.ts";
import {
  cohensD,
  differenceInterval,
  pairedTest,
  welchTest,
  type StudentTest,
} from "../../src/metrics/student-test.ts";
import { wilsonInterval } from "../../src/metrics/wilson-interval.ts";

// Made by test/fixtures/statistics/generate.py with SciPy, statsmodels, scikit-learn and ruptures; see there.
const reference: Reference = JSON.parse(
  readFileSync(new URL("../fixtures/statistics/reference.json", import.meta.url), "utf8"),
);

interface TwoSamples {
  readonly a: readonly number[];
  readonly b: readonly number[];
}
interface ReferenceTest extends TwoSamples {
  readonly t: number;
  readonly df: number;
  readonly p: number;
  readonly low: number;
  readonly high: number;
}
interface Adjusted {
  readonly p: readonly number[];
  readonly adjusted: readonly number[];
}
interface Reference {
  readonly welch: readonly ReferenceTest[];
  readonly paired: readonly ReferenceTest[];
  readonly cohensD: readonly (TwoSamples & { readonly d: number })[];
  readonly holm: readonly Adjusted[];
  readonly benjaminiHochberg: readonly Adjusted[];
  readonly signTest: readonly { first: number; second: number; p: number; mcnemar: number }[];
  readonly fisher: readonly { a: number; ofA: number; b: number; ofB: number; p: number }[];
  readonly rankTest: readonly { countA: number; countB: number; p: number }[];
  readonly wilson: readonly { successes: number; trials: number; low: number; high: number }[];
  readonly normal: readonly { x: number; below: number; density: number }[];
  readonly normalQuantile: readonly { probability: number; x: number }[];
  readonly expectedMaximum: readonly { count: number; mean: number }[];
  readonly bca: readonly {
    values: readonly number[];
    low: number;
    high: number;
    percentileLow: number;
    percentileHigh: number;
  }[];
  readonly spearman: readonly { x: readonly number[]; y: readonly number[]; correlation: number; p: number }[];
  readonly prediction: readonly { values: readonly number[]; level: number; margin: number }[];
  readonly reliability: {
    confidences: readonly number[];
    right: readonly boolean[];
    accuracies: readonly number[];
    meanConfidences: readonly number[];
  };
  readonly changePoints: readonly {
    values: readonly number[];
    penalty: number;
    smallestSegment: number;
    starts: readonly number[];
  }[];
  readonly mad: readonly { values: readonly number[]; sd: number }[];
}

/** Equal but for a relative error of 1e-9. */
function expectClose(actual: number | undefined, expected: number): void {
  const error = Math.abs((actual ?? Number.NaN) - expected) / Math.max(Math.abs(expected), 1e-300);
  expect(expected === 0 ? Math.abs(actual ?? Number.NaN) : error, `${actual} instead of ${expected}`).toBeLessThan(
    1e-9,
  );
}

function expectEach(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of actual.entries()) expectClose(value, expected[index] ?? Number.NaN);
}

function expectTest(actual: StudentTest | undefined, expected: ReferenceTest): void {
  expectClose(actual?.t, expected.t);
  expectClose(actual?.degreesOfFreedom, expected.df);
  expectClose(actual?.p, expected.p);
  expectClose(actual && differenceInterval(actual).low, expected.low);
  expectClose(actual && differenceInterval(actual).high, expected.high);
}

describe("tests of two means", () => {
  test("Welch's is scipy.stats.ttest_ind's with equal_var=False", () => {
    for (const expected of reference.welch) expectTest(welchTest(expected.a, expected.b), expected);
  });

  test("the paired one is scipy.stats.ttest_rel's", () => {
    for (const expected of reference.paired) expectTest(pairedTest(expected.a, expected.b), expected);
  });

  test("Cohen's d is that of statsmodels' pooled standard deviation", () => {
    for (const { a, b, d } of reference.cohensD) expectClose(cohensD(a, b), d);
  });
});

describe("corrections for several tests", () => {
  test("Holm's is statsmodels'", () => {
    for (const { p, adjusted } of reference.holm) expectEach(holm(p), adjusted);
  });

  test("Benjamini and Hochberg's is SciPy's", () => {
    for (const { p, adjusted } of reference.benjaminiHochberg) expectEach(benjaminiHochberg(p), adjusted);
  });
});

describe("exact tests", () => {
  test("the sign test is scipy.stats.binomtest's, and statsmodels' exact McNemar test", () => {
    for (const { first, second, p, mcnemar } of reference.signTest) {
      expectClose(signTest(first, second), p);
      if (first + second > 0) expectClose(signTest(first, second), mcnemar);
    }
  });

  test("Fisher's test is SciPy's", () => {
    for (const { a, ofA, b, ofB, p } of reference.fisher) expectClose(fisherTest(a, ofA, b, ofB), p);
  });

  test("the smallest p of a rank test is SciPy's of samples that don't overlap", () => {
    for (const { countA, countB, p } of reference.rankTest) expectClose(smallestRankTestP(countA, countB), p);
  });

  test("Wilson's interval is statsmodels'", () => {
    for (const { successes, trials, low, high } of reference.wilson) {
      expectClose(wilsonInterval(successes, trials).low, low);
      expectClose(wilsonInterval(successes, trials).high, high);
    }
  });
});

describe("the normal distribution", () => {
  test("has SciPy's shares and densities", () => {
    for (const { x, below, density } of reference.normal) {
      expectClose(normalShareBelow(x), below);
      expectClose(normalDensity(x), density);
    }
  });

  test("has SciPy's quantiles", () => {
    for (const { probability, x } of reference.normalQuantile) expectClose(normalQuantile(probability), x);
  });

  test("has the largest of n where SciPy integrates it to", () => {
    for (const { count, mean } of reference.expectedMaximum) expectClose(expectedMaximum(count), mean);
  });
});

describe("resampling", () => {
  test("the BCa and percentile intervals of all resamples of a small sample are SciPy's", () => {
    for (const { values, low, high, percentileLow, percentileHigh } of reference.bca) {
      const resamples = allResampledMeans(values);

      expectClose(bcaInterval(values, resamples).low, low);
      expectClose(bcaInterval(values, resamples).high, high);
      expectClose(percentileInterval(resamples).low, percentileLow);
      expectClose(percentileInterval(resamples).high, percentileHigh);
    }
  });
});

describe("other figures", () => {
  test("Spearman's correlation and its p are SciPy's", () => {
    for (const { x, y, correlation, p } of reference.spearman) {
      expectClose(rankCorrelation(x, y)?.correlation, correlation);
      expectClose(rankCorrelation(x, y)?.p, p);
    }
  });

  test("the prediction margin is statsmodels' of a model that is only a constant", () => {
    for (const { values, level, margin } of reference.prediction) {
      const basis = {
        sd: sampleStandardDeviation(values),
        degreesOfFreedom: values.length - 1,
        count: values.length,
      };
      expectClose(predictionMargin(basis, level), margin);
    }
  });

  test("the reliability curve is scikit-learn's", () => {
    const { confidences, right, accuracies, meanConfidences } = reference.reliability;

    const curve = reliabilityCurve(confidences, (example) => right[example] === true);

    expectEach(
      curve.map(({ accuracy }) => accuracy),
      accuracies,
    );
    expectEach(
      curve.map(({ meanConfidence }) => meanConfidence),
      meanConfidences,
    );
  });

  test("change points are those of ruptures", () => {
    for (const { values, starts, ...options } of reference.changePoints)
      expect(changePoints(values, options)).toEqual(starts);
    expect(reference.changePoints.map(({ starts }) => starts.length)).toEqual([3, expect.any(Number), 1]);
  });

  test("the noise of a series is SciPy's median absolute step", () => {
    for (const { values, sd } of reference.mad) expectClose(noiseOfSteps(values), sd);
  });
});

/** The means of every way to draw as many values as there are. */
function allResampledMeans(values: readonly number[]): number[] {
  const count = values.length;
  return Array.from({ length: count ** count }, (_, number) => {
    const digits = Array.from({ length: count }, (_, position) => Math.floor(number / count ** position) % count);
    return digits.reduce((sum, digit) => sum + (values[digit] ?? 0), 0) / count;
  });
}
