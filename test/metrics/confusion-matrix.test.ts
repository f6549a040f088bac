import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  confusionMatrix,
  confusionTotals,
  subtractConfusions,
  sumConfusions,
} from "../../src/metrics/confusion-matrix.ts";

const labelsAndPredictions = fc.integer({ min: 2, max: 12 }).chain((classCount) =>
  fc.record({
    classCount: fc.constant(classCount),
    pairs: fc.array(fc.tuple(fc.nat(classCount - 1), fc.nat(classCount - 1)), { maxLength: 50 }),
  }),
);

describe("counting", () => {
  test("rows are true classes and columns predicted ones", () => {
    const matrix = confusionMatrix([0, 0, 0, 2], [1, 1, 0, 0], 3);

    expect(matrix).toEqual([
      [1, 2, 0],
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  test("typed arrays are counted like lists", () => {
    const matrix = confusionMatrix(Uint8Array.of(1, 0, 1), Int32Array.of(1, 1, 0), 2);

    expect(matrix).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  test("there may be 1000 classes", () => {
    const matrix = confusionMatrix([999], [998], 1000);

    expect(matrix).toHaveLength(1000);
    expect(matrix[999]?.[998]).toBe(1);
    expect(matrix[998]?.[999]).toBe(0);
  });

  test("row sums count labels, column sums count predictions, and all cells together the examples", () => {
    fc.assert(
      fc.property(labelsAndPredictions, ({ classCount, pairs }) => {
        const labels = pairs.map(([label]) => label);
        const predictions = pairs.map(([, prediction]) => prediction);

        const totals = confusionTotals(confusionMatrix(labels, predictions, classCount));

        const occurrences = (of: readonly number[]): number[] =>
          Array.from({ length: classCount }, (_, index) => of.filter((entry) => entry === index).length);
        expect(totals.trueCounts).toEqual(occurrences(labels));
        expect(totals.predictedCounts).toEqual(occurrences(predictions));
        expect(totals.rightCounts).toEqual(occurrences(pairs.filter(([a, b]) => a === b).map(([a]) => a)));
        expect(totals.exampleCount).toBe(pairs.length);
      }),
    );
  });
});

describe("what can't be counted", () => {
  test("different numbers of labels and predictions are refused", () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(
      new RangeError("2 labels and 1 predictions: there must be one of each"),
    );
  });

  test.each([2, -1, 0.5, Number.NaN])("label %d of two classes is refused with its example", (label) => {
    expect(() => confusionMatrix([0, label], [0, 0], 2)).toThrow(
      new RangeError(`label of example 1 is ${label}: expected an integer 0…1`),
    );
  });

  test("a prediction outside the classes is refused with its example", () => {
    expect(() => confusionMatrix([0], [3], 3)).toThrow("prediction of example 0 is 3: expected an integer 0…2");
  });

  test.each([0, 1, 2.5, 1001])("%d classes are refused", (classCount) => {
    expect(() => confusionMatrix([], [], classCount)).toThrow(`${classCount} classes: expected an integer 2…1000`);
  });
});

describe("sum and difference", () => {
  test("the sum of two halves is the matrix of the whole", () => {
    fc.assert(
      fc.property(labelsAndPredictions, fc.nat(50), ({ classCount, pairs }, cut) => {
        const matrixOf = (part: typeof pairs): number[][] =>
          confusionMatrix(
            part.map(([label]) => label),
            part.map(([, prediction]) => prediction),
            classCount,
          );

        const sum = sumConfusions([matrixOf(pairs.slice(0, cut)), matrixOf(pairs.slice(cut))]);

        expect(sum).toEqual(matrixOf(pairs));
      }),
    );
  });

  test("a difference has the sign of the first matrix", () => {
    const difference = subtractConfusions(
      [
        [5, 0],
        [1, 4],
      ],
      [
        [3, 2],
        [1, 4],
      ],
    );

    expect(difference).toEqual([
      [2, -2],
      [0, 0],
    ]);
  });

  test("summing leaves the matrices as they were", () => {
    const first = [
      [1, 0],
      [0, 1],
    ];

    sumConfusions([first, first, first]);

    expect(first).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test("matrices of different sizes, odd shapes, and none at all are refused", () => {
    const two = [
      [1, 0],
      [0, 1],
    ];

    expect(() => subtractConfusions(two, [[1]])).toThrow("confusion matrices of 2 and of 1 classes can't be combined");
    expect(() => sumConfusions([two, [[1, 2], [3]]])).toThrow("a confusion matrix is square: row 1 has 1 columns of 2");
    expect(() => sumConfusions([])).toThrow("there is no confusion matrix to sum");
  });
});
