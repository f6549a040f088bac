import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapInterval, stratifiedMeans } from "../../src/metrics/bootstrap.ts";
import { changePoints } from "../../src/metrics/change-points.ts";
import { fisherTest, signTest } from "../../src/metrics/exact-tests.ts";
import { benjaminiHochberg, holm } from "../../src/metrics/multiple-tests.ts";
import { normalQuantile, normalShareBelow } from "../../src/metrics/normal-distribution.ts";
import { paretoFront } from "../../src/metrics/pareto-front.ts";
import { permutationImportance } from "../../src/metrics/permutation-importance.ts";
import { rankCorrelation, ranksOf } from "../../src/metrics/rank-correlation.ts";
import { mean, sampleStandardDeviation } from "../../src/metrics/sample-statistics.ts";
import { seededRandom } from "../../src/metrics/seeded-random.ts";
import { cohensD, differenceInterval, pairedTest, welchTest } from "../../src/metrics/student-test.ts";

const value = fc.double({ min: -100, max: 100, noNaN: true });
const sample = fc.array(value, { minLength: 2, maxLength: 12 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("tests of means", () => {
  test("exchanged samples give the same p and the opposite difference", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [forward, backward] = [welchTest(a, b), welchTest(b, a)];

        expect(backward?.p).toBe(forward?.p);
        expect(backward?.t === undefined ? undefined : -backward.t).toBe(forward?.t);
      }),
    );
  });

  test("an interval of the difference holds 0 exactly if p is above 0.05", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const result = welchTest(a, b);
        if (result === undefined || Math.abs(result.p - 0.05) < 1e-9) return;

        const { low, high } = differenceInterval(result);

        expect(low <= 0 && high >= 0).toBe(result.p > 0.05);
      }),
    );
  });

  test("what all pairs have in common does not matter to the paired test", () => {
    expect(pairedTest([1, 2, 4], [0, 1, 2])?.p).toBeCloseTo(pairedTest([101, 52, 4], [100, 51, 2])?.p ?? 0, 10);
  });

  test.each([
    ["one value", [1], [1, 2]],
    ["no spread", [0.1, 0.1, 0.1], [0.3, 0.3, 0.3]],
  ])("there is no test of %s", (_, a, b) => {
    expect(welchTest(a, b)).toBeUndefined();
    expect(cohensD(a, b)).toBeUndefined();
  });

  test("pairs of different lengths are refused", () => {
    expect(() => pairedTest([1, 2], [1])).toThrow(new RangeError("pairs are needed, got 2 and 1 values"));
  });
});

describe("corrections", () => {
  test("never make a p smaller or exceed 1, keep the order, and Holm's is the stricter", () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 20 }), (values) => {
        const [strict, loose] = [holm(values), benjaminiHochberg(values)];

        for (const [index, p] of values.entries()) {
          expect(loose[index]).toBeGreaterThanOrEqual(p);
          expect(strict[index]).toBeGreaterThanOrEqual((loose[index] ?? 0) - 1e-12);
          expect(strict[index]).toBeLessThanOrEqual(1);
          for (const [other, q] of values.entries())
            if (p < q) expect(strict[index]).toBeLessThanOrEqual(strict[other] ?? 0);
        }
      }),
    );
  });
});

describe("exact tests", () => {
  const count = fc.nat(60);

  test("of a sign are at least as small as the chance of the outcome itself, and symmetric", () => {
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(signTest(a, b)).toBe(signTest(b, a));
        expect(signTest(a, b)).toBeLessThanOrEqual(1);
        expect(signTest(a + 1, 0)).toBeCloseTo(Math.min(1, 2 * 0.5 ** (a + 1)), 12);
      }),
    );
  });

  test("of two shares don't depend on what is called success, or which sample is first", () => {
    fc.assert(
      fc.property(count, count, count, count, (a, restA, b, restB) => {
        const p = fisherTest(a, a + restA, b, b + restB);

        expect(fisherTest(b, b + restB, a, a + restA)).toBeCloseTo(p, 9);
        expect(fisherTest(restA, a + restA, restB, b + restB)).toBeCloseTo(p, 9);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("counts that can't be are refused", () => {
    expect(() => signTest(-1, 2)).toThrow("a count must be an integer ≥ 0, got -1");
    expect(() => fisherTest(3, 2, 0, 1)).toThrow("a part is larger than its whole");
  });
});

describe("the normal distribution", () => {
  test("quantiles are the inverse of shares", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true }), (probability) => {
        expect(normalShareBelow(normalQuantile(probability))).toBeCloseTo(probability, 12);
      }),
    );
  });
});

describe("resampling", () => {
  test("an interval lies within the values and doesn't depend on their order", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 5, maxLength: 10 }), (values) => {
        const { low, high } = bootstrapInterval(values);

        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        expect(low).toBeLessThanOrEqual(high);
        expect(bootstrapInterval([...values].reverse())).toEqual({ low, high });
      }),
      { numRuns: 30 },
    );
  });

  test("fewer than five values have none", () => {
    expect(() => bootstrapInterval([1, 2, 3, 4])).toThrow("needs 5 values or more, got 4");
  });

  test("resamples by class have the mean and the spread that sampling theory says", () => {
    // Class 0: 300 examples, 60 of +1; class 1: 100 examples, 10 of −1.
    const labels = Array.from({ length: 400 }, (_, index) => (index < 300 ? 0 : 1));
    const values = labels.map((label, index) => (label === 0 ? Number(index < 60) : -Number(index < 310)));

    const means = stratifiedMeans(values, labels, 4000, seededRandom(3));

    const variance = (300 * 0.2 * 0.8 + 100 * 0.1 * 0.9) / 400 ** 2;
    expect(mean(means)).toBeCloseTo(50 / 400, 3);
    expect(sampleStandardDeviation(means)).toBeGreaterThan(0.95 * Math.sqrt(variance));
    expect(sampleStandardDeviation(means)).toBeLessThan(1.05 * Math.sqrt(variance));
  });

  test("the random source is uniform, and the same for the same seed", () => {
    const random = seededRandom(42);
    const draws = Array.from({ length: 20_000 }, () => random());
    const again = seededRandom(42);

    expect(draws.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => again()));
    expect(mean(draws)).toBeCloseTo(0.5, 2);
    expect(sampleStandardDeviation(draws)).toBeCloseTo(Math.sqrt(1 / 12), 2);
  });
});

describe("ranks", () => {
  test("don't change under a rising function, and equal values share one", () => {
    expect(ranksOf([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 15 }), (x) => {
        const y = x.map((entry, index) => entry * index);

        const [plain, cubed] = [
          rankCorrelation(x, y),
          rankCorrelation(
            x.map((entry) => entry ** 3),
            y,
          ),
        ];

        expect(cubed?.correlation).toBe(plain?.correlation);
      }),
    );
  });

  test("of a quantity with itself correlate fully, of a constant not at all", () => {
    expect(rankCorrelation([1, 5, 2], [1, 5, 2])).toEqual({ correlation: 1, p: 0 });
    expect(rankCorrelation([1, 1, 1], [1, 5, 2])).toBeUndefined();
    expect(rankCorrelation([1, 2], [1, 2])).toBeUndefined();
  });
});

describe("the Pareto front", () => {
  test("is exactly what no other choice beats", () => {
    const choice = fc.record({ gain: fc.nat(8), cost: fc.nat(8) });
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 25 }), (choices) => {
        const isBeaten = (one: (typeof choices)[number]): boolean =>
          choices.some(
            ({ gain, cost }) => gain >= one.gain && cost <= one.cost && (gain > one.gain || cost < one.cost),
          );
        const expected = choices.flatMap((one, index) => (isBeaten(one) ? [] : [index]));

        expect([...paretoFront(choices)].sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});

describe("change points", () => {
  test("cost no more than any other cuts", () => {
    const cost = (values: readonly number[], starts: readonly number[], penalty: number): number =>
      starts.reduce((sum, start, index) => {
        const part = values.slice(start, starts[index + 1]);
        const center = mean(part);
        return sum + part.reduce((squares, entry) => squares + (entry - center) ** 2, 0) + (index === 0 ? 0 : penalty);
      }, 0);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 9 }), (values) => {
        const penalty = 7;

        const found = changePoints(values, { penalty, smallestSegment: 2 });

        for (let cut = 2; cut <= values.length - 2; cut++)
          expect(cost(values, found, penalty)).toBeLessThanOrEqual(cost(values, [0, cut], penalty) + 1e-9);
        expect(cost(values, found, penalty)).toBeLessThanOrEqual(cost(values, [0], penalty) + 1e-9);
      }),
    );
  });

  test("there are none in nothing, and one segment in a short series", () => {
    expect(changePoints([], { penalty: 1, smallestSegment: 3 })).toEqual([]);
    expect(changePoints([5, 9], { penalty: 0, smallestSegment: 3 })).toEqual([0]);
  });
});

describe("permutation importance", () => {
  const random = seededRandom(5);
  const rows = Array.from({ length: 300 }, () => [random(), random(), random()] as const);
  const features = [0, 1, 2].map((index) => ({ kind: "number" as const, values: rows.map((row) => row[index] ?? 0) }));

  test("of a sum is divided as the squares of its factors, and nothing of it is left for noise", () => {
    const target = rows.map(([a, b]) => 2 * a + b);

    const { features: found, explained } = permutationImportance(features, target, seededRandom(1));

    const [a = 0, b = 0, c = 0] = found.map(({ drop }) => drop);
    expect(explained).toBeGreaterThan(0.9);
    // Shuffling one of two independent parts of a sum costs twice its variance: 4 to 1.
    expect(a / b).toBeGreaterThan(3);
    expect(a / b).toBeLessThan(5.5);
    expect(Math.abs(c)).toBeLessThan(0.02);
  });

  test("of pure noise is nothing, and so little is explained that it is seen", () => {
    const noise = seededRandom(9);

    const { explained } = permutationImportance(
      features,
      rows.map(() => noise()),
      seededRandom(1),
    );

    expect(explained).toBeLessThan(0.1);
  });

  test("counts a field that some rows lack", () => {
    const values = rows.map((_, index) => (index % 3 === 0 ? Number.NaN : 1));
    const target = rows.map((_, index) => (index % 3 === 0 ? 1 : 0));

    const { features: found } = permutationImportance([{ kind: "number", values }], target, seededRandom(1));

    expect(found[0]?.drop).toBeGreaterThan(1);
  });
});
