import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confusionDiff } from "../../src/compare/confusion-diff.ts";
import { confusionOf, type ConfusionTable } from "../../src/compare/confusion-of.ts";
import { configurationIdOf, runRecordsOf } from "./run-records-of.ts";

type Counts = readonly (readonly number[])[];

function tableOf(...seeds: readonly Counts[]): ConfusionTable {
  const records = runRecordsOf([{ id: "a", seeds: seeds.map((confusion) => ({ confusion })) }]);
  return confusionOf(records, { type: "configuration", configurationId: configurationIdOf("a") });
}

const a = [
  [9, 1],
  [2, 8],
];
const b = [
  [7, 3],
  [1, 9],
];

describe("A minus B", () => {
  const diff = confusionDiff(tableOf(a), tableOf(b));

  test("has the difference of every cell", () => {
    expect(diff.counts).toEqual([
      [2, -2],
      [1, -1],
    ]);
  });

  test("has the difference in accuracy, kappa and macro F1", () => {
    expect(diff.accuracy).toBeCloseTo(0.05, 12);
    expect(diff.cohensKappa).toBeCloseTo(0.1, 12);
    // F1 of A: 18/21, 16/19; of B: 14/18, 18/22
    expect(diff.macroF1).toBeCloseTo((18 / 21 + 16 / 19 - 14 / 18 - 18 / 22) / 2, 12);
  });

  test("lists changed cells with the largest change first", () => {
    expect(diff.mostChangedCells).toEqual([
      { trueClass: "cat", predictedClass: "cat", a: 9, b: 7, difference: 2 },
      { trueClass: "cat", predictedClass: "dog", a: 1, b: 3, difference: -2 },
      { trueClass: "dog", predictedClass: "cat", a: 2, b: 1, difference: 1 },
      { trueClass: "dog", predictedClass: "dog", a: 8, b: 9, difference: -1 },
    ]);
  });

  test("tells which classes got better and worse", () => {
    const gained = confusionDiff(
      tableOf([
        [9, 1],
        [0, 10],
      ]),
      tableOf([
        [9, 1],
        [5, 5],
      ]),
    );

    expect(gained.better.map(({ name }) => name)).toEqual(["dog", "cat"]);
    expect(gained.worse).toEqual([]);
    expect(gained.classes.map(({ recall }) => recall)).toEqual([0, 0.5]);
  });

  test("is the negative of B minus A", () => {
    const matrix = fc.tuple(fc.tuple(fc.nat(9), fc.nat(9)), fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 9 })));

    fc.assert(
      fc.property(matrix, matrix, (first, second) => {
        const forth = confusionDiff(tableOf(first), tableOf(second));
        const back = confusionDiff(tableOf(second), tableOf(first));

        expect(forth.accuracy + back.accuracy).toBe(0);
        expect(forth.counts.flat().map((count, index) => count + (back.counts.flat()[index] ?? Number.NaN))).toEqual([
          0, 0, 0, 0,
        ]);
        expect(forth.better.map(({ name }) => name)).toEqual(back.worse.map(({ name }) => name));
      }),
    );
  });
});

describe("sums over seeds", () => {
  test("are compared per trial, so that equal models of 3 and of 2 seeds don't differ", () => {
    const diff = confusionDiff(tableOf(a, a, a), tableOf(a, a));

    expect(diff.counts).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(diff.mostChangedCells).toEqual([]);
    expect([...diff.better, ...diff.worse]).toEqual([]);
    expect(diff.hasSameSupport).toBe(true);
  });

  test("of test sets of different sizes are marked", () => {
    const diff = confusionDiff(
      tableOf(a),
      tableOf([
        [7, 3],
        [1, 8],
      ]),
    );

    expect(diff.hasSameSupport).toBe(false);
  });
});

describe("different classes", () => {
  test("are refused with the first one that differs", () => {
    const other = { ...tableOf(b), classNames: ["cat", "horse"] };

    expect(() => confusionDiff(tableOf(a), other)).toThrow(
      expect.objectContaining({
        code: "different-classes",
        message:
          'the confusion matrices are over different classes: class 1 is "dog" in A (2 classes) and "horse" in B (2 classes)',
      }),
    );
  });

  test("are refused when one side has more", () => {
    const other = { ...tableOf(b), classNames: ["cat", "dog", "horse"] };

    expect(() => confusionDiff(tableOf(a), other)).toThrow('class 2 is missing in A (2 classes) and "horse" in B');
  });
});

test("at most 20 cells are listed", () => {
  const names = Array.from({ length: 6 }, (_, index) => `class ${index}`);
  const wide = (count: number): ConfusionTable => ({
    ...tableOf(a),
    classNames: names,
    counts: names.map(() => names.map(() => count)),
    classes: [],
  });

  const diff = confusionDiff(wide(1), wide(3));

  expect(diff.mostChangedCells).toHaveLength(20);
});
