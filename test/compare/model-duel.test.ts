import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fisherCells, signCells } from "../../src/compare/cell-significance.ts";
import { ComparisonError } from "../../src/compare/comparison-error.ts";
import { confusionDiff } from "../../src/compare/confusion-diff.ts";
import { confusionOf, type ConfusionTable } from "../../src/compare/confusion-of.ts";
import { topConfusedPairs } from "../../src/compare/confused-pairs.ts";
import { compareModels, type SeedPredictions } from "../../src/compare/model-duel.ts";
import { signTest } from "../../src/metrics/exact-tests.ts";
import { configurationIdOf, runRecordsOf } from "./run-records-of.ts";

function predictionsOf(labels: readonly number[], predicted: readonly number[], seed = 1): SeedPredictions {
  return {
    seed,
    predictions: {
      labels: Uint16Array.from(labels),
      predicted: Uint16Array.from(predicted),
      confidences: new Float32Array(labels.length).fill(0.9),
    },
  };
}

/** `right` examples as they are, then `wrong` ones. */
function outcome(labels: readonly number[], isRight: (example: number) => boolean): SeedPredictions {
  return predictionsOf(
    labels,
    labels.map((label, example) => (isRight(example) ? label : 1 - label)),
  );
}

function tableOf(...seeds: readonly (readonly (readonly number[])[])[]): ConfusionTable {
  const records = runRecordsOf([{ id: "a", seeds: seeds.map((confusion) => ({ confusion })) }]);
  return confusionOf(records, { type: "configuration", configurationId: configurationIdOf("a") });
}

const labels = Array.from({ length: 200 }, (_, example) => example % 2);

describe("two models on one test set", () => {
  // A has all right but 10…14, B all but 100…119: 20 examples for A, 5 for B.
  const a = outcome(labels, (example) => example < 10 || example >= 15);
  const b = outcome(labels, (example) => example < 100 || example >= 120);
  const duel = compareModels([a], [b]);

  test("are compared by the examples that only one has right: McNemar's exact test", () => {
    expect(duel.onlyA).toEqual(Array.from({ length: 20 }, (_, index) => 100 + index));
    expect(duel.onlyB).toEqual([10, 11, 12, 13, 14]);
    // scipy.stats.binomtest(5, 25).pvalue
    expect(duel.p).toBeCloseTo(0.004077315330505371, 14);
    expect(duel.difference).toBeCloseTo(0.075, 12);
  });

  test("have an interval of the difference that a normal approximation agrees with", () => {
    // Standard error of a mean of +1 (20), −1 (5), 0 (175): sqrt((25 − 15²/200) / 200²) = 0.0244.
    expect(duel.interval.low).toBeCloseTo(0.075 - 1.96 * 0.0244, 1.7);
    expect(duel.interval.high).toBeCloseTo(0.075 + 1.96 * 0.0244, 1.7);
  });

  test("of several seeds are averaged example by example, the clearest difference first", () => {
    const sometimes = predictionsOf([0, 0, 0], [0, 1, 1]);
    const rarely = predictionsOf([0, 0, 0], [0, 0, 1]);
    const never = predictionsOf([0, 0, 0], [1, 1, 1]);

    const { onlyA, onlyB, difference, trialsA, trialsB } = compareModels([sometimes, rarely], [never]);

    expect(onlyA).toEqual([0, 1]);
    expect(onlyB).toEqual([]);
    expect(difference).toBeCloseTo(0.5, 12);
    expect([trialsA, trialsB]).toEqual([2, 1]);
  });

  test("tested on other examples can't be compared", () => {
    expect(() => compareModels([a], [predictionsOf([0, 1], [0, 1])])).toThrow(ComparisonError);
  });

  test("exchanged give the reverse", () => {
    const right = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(right, right, (inA, inB) => {
        const some = labels.slice(0, 40);
        const [x, y] = [outcome(some, (i) => inA[i] === true), outcome(some, (i) => inB[i] === true)];

        const [forward, backward] = [compareModels([x], [y]), compareModels([y], [x])];

        expect(backward.p).toBe(forward.p);
        expect(backward.onlyA).toEqual(forward.onlyB);
        expect(backward.difference).toBeCloseTo(-forward.difference, 12);
        expect(forward.interval.low).toBeLessThanOrEqual(forward.difference + 1e-9);
        expect(forward.interval.high).toBeGreaterThanOrEqual(forward.difference - 1e-9);
      }),
      { numRuns: 20 },
    );
  });
});

describe("which cells differ by more than chance", () => {
  test("a cell is tested by the examples that only one model puts there", () => {
    const zeros = Array.from({ length: 30 }, () => 0);
    const a = predictionsOf(
      zeros,
      zeros.map((_, example) => (example < 12 ? 2 : 0)),
    );
    const b = predictionsOf(
      zeros,
      zeros.map((_, example) => (example < 1 ? 1 : 0)),
    );

    const { cells, testedCells, classes } = signCells([a], [b], 3);

    expect(testedCells).toBe(3);
    expect(cells[0]).toMatchObject({ trueIndex: 0, predictedIndex: 2, moreInA: 12, moreInB: 0 });
    expect(cells[0]?.p).toBeCloseTo(2 * 0.5 ** 12, 15);
    expect(cells[0]?.adjustedP).toBeCloseTo(3 * 2 * 0.5 ** 12, 12);
    expect(cells[1]).toMatchObject({ predictedIndex: 0, moreInA: 0, moreInB: 11 });
    expect(cells[2]).toMatchObject({ predictedIndex: 1, moreInA: 0, moreInB: 1, p: 1 });
    expect(classes.map(({ p }) => p)).toEqual([signTest(0, 11), 1, 1]);
  });

  test("the same model against itself has no cell to test", () => {
    const model = outcome(labels, (example) => example % 7 !== 0);

    expect(signCells([model], [model], 2)).toMatchObject({ testedCells: 0, cells: [] });
  });

  test("without predictions, Fisher's test of the counts is used", () => {
    const a = tableOf([
      [90, 10],
      [5, 95],
    ]);
    const b = tableOf([
      [70, 30],
      [5, 95],
    ]);

    const { test: name, cells } = confusionDiff(a, b).significance;

    expect(name).toBe("fisher");
    // scipy.stats.fisher_exact([[90, 10], [70, 30]]).pvalue
    expect(cells[0]?.p).toBeCloseTo(0.0006504107076036, 12);
    expect(cells.at(-1)?.p).toBe(1);
  });

  test("sums over seeds don't count examples twice", () => {
    const once = tableOf([
      [9, 1],
      [2, 8],
    ]);
    const twice = tableOf(
      [
        [9, 1],
        [2, 8],
      ],
      [
        [9, 1],
        [2, 8],
      ],
    );
    const other = tableOf([
      [2, 8],
      [2, 8],
    ]);

    expect(fisherCells(twice, other)).toEqual(fisherCells(once, other));
  });

  test("a thousand classes take less than two seconds of processor, and say at most a thousand cells", () => {
    const many = Array.from({ length: 50_000 }, (_, example) => example % 1000);
    const guess = (shift: number) =>
      predictionsOf(
        many,
        many.map((label, example) => (example % 5 === shift ? (label + (example % 37)) % 1000 : label)),
      );
    const start = process.cpuUsage();

    const { cells, testedCells, classes } = signCells([guess(0)], [guess(1)], 1000);

    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(2);
    expect(testedCells).toBeGreaterThan(1000);
    expect(cells).toHaveLength(1000);
    expect(classes).toHaveLength(1000);
  });
});

describe("the most confused pairs", () => {
  test("come with their share of the true class", () => {
    const table = tableOf([
      [9, 1],
      [4, 6],
    ]);

    expect(topConfusedPairs(table)).toEqual([
      { trueClass: "dog", predictedClass: "cat", count: 4, share: 0.4 },
      { trueClass: "cat", predictedClass: "dog", count: 1, share: 0.1 },
    ]);
    expect(topConfusedPairs(table, 1)).toHaveLength(1);
  });
});
