import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classFigures, macroAverage, weightedAverage, type ClassFigures } from "../../src/metrics/class-figures.ts";
import { confusionMatrix } from "../../src/metrics/confusion-matrix.ts";
import type { ClassFigures as RecordedClassFigures } from "../../src/record/trial-record.ts";

// Frozen from scikit-learn 1.9.1: precision_recall_fscore_support(labels, predictions, labels=range(5),
// average=None | "macro" | "weighted", zero_division=0) and multilabel_confusion_matrix.
const withEmptyClass = confusionMatrix([0, 0, 0, 0, 1, 1, 1, 2, 2, 3], [0, 0, 1, 2, 1, 1, 0, 2, 0, 2], 5);
// The same for 60 random examples of 4 classes.
const sixtyExamples = [
  [7, 2, 0, 2],
  [1, 11, 2, 1],
  [2, 1, 10, 1],
  [2, 1, 1, 16],
];

const anyMatrix = fc
  .integer({ min: 2, max: 8 })
  .chain((size) =>
    fc.array(fc.array(fc.nat(30), { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
  );

describe("figures per class", () => {
  test("precision, recall and F1 are scikit-learn's, a class that never occurs included", () => {
    const figures = classFigures(withEmptyClass);

    expectEach(
      figures.map(({ precision }) => precision),
      [0.5, 0.6666666666666666, 0.3333333333333333, 0, 0],
    );
    expectEach(
      figures.map(({ recall }) => recall),
      [0.5, 0.6666666666666666, 0.5, 0, 0],
    );
    expectEach(
      figures.map(({ f1 }) => f1),
      [0.5, 0.6666666666666666, 0.4, 0, 0],
    );
  });

  test("TN, FP, FN and TP are scikit-learn's", () => {
    const figures = classFigures(withEmptyClass);

    const counts = figures.map((c) => [c.trueNegatives, c.falsePositives, c.falseNegatives, c.truePositives]);
    expect(counts).toEqual([
      [4, 2, 2, 2],
      [6, 1, 1, 2],
      [6, 2, 1, 1],
      [9, 0, 1, 0],
      [10, 0, 0, 0],
    ]);
  });

  test("figures of 60 random examples are scikit-learn's", () => {
    const figures = classFigures(sixtyExamples);

    expectEach(
      figures.map(({ precision }) => precision),
      [0.5833333333333334, 0.7333333333333333, 0.7692307692307693, 0.8],
    );
    expectEach(
      figures.map(({ recall }) => recall),
      [0.6363636363636364, 0.7333333333333333, 0.7142857142857143, 0.8],
    );
    expectEach(
      figures.map(({ f1 }) => f1),
      [0.6086956521739131, 0.7333333333333333, 0.7407407407407407, 0.8],
    );
  });

  test("the four counts of every class add up to all examples", () => {
    fc.assert(
      fc.property(anyMatrix, (matrix) => {
        const examples = matrix.flat().reduce((sum, count) => sum + count, 0);

        const sums = classFigures(matrix).map(
          (c) => c.truePositives + c.falsePositives + c.falseNegatives + c.trueNegatives,
        );

        expect(new Set(sums)).toEqual(new Set([examples]));
      }),
    );
  });

  test("exchanging labels and predictions exchanges precision and recall and keeps F1", () => {
    fc.assert(
      fc.property(anyMatrix, (matrix) => {
        const transposed = matrix.map((row, r) => row.map((_, c) => matrix[c]?.[r] ?? 0));

        const [figures, exchanged] = [classFigures(matrix), classFigures(transposed)];

        expect(exchanged.map(({ recall }) => recall)).toEqual(figures.map(({ precision }) => precision));
        expect(exchanged.map(({ precision }) => precision)).toEqual(figures.map(({ recall }) => recall));
        expect(exchanged.map(({ f1 }) => f1)).toEqual(figures.map(({ f1 }) => f1));
      }),
    );
  });

  test("they can be recorded as they are", () => {
    const figures: readonly RecordedClassFigures[] = classFigures(withEmptyClass);
    const back: readonly ClassFigures[] = figures;

    expect(back).toHaveLength(5);
  });
});

describe("averages over classes", () => {
  test("macro averages are scikit-learn's, classes without examples included", () => {
    expectAverages(macroAverage(classFigures(withEmptyClass)), [0.3, 0.3333333333333333, 0.3133333333333333]);
    expectAverages(
      macroAverage(classFigures(sixtyExamples)),
      [0.7214743589743591, 0.7209956709956711, 0.7206924315619967],
    );
  });

  test("weighted averages are scikit-learn's", () => {
    expectAverages(weightedAverage(classFigures(withEmptyClass)), [0.4666666666666667, 0.5, 0.48]);
    expectAverages(
      weightedAverage(classFigures(sixtyExamples)),
      [0.736431623931624, 0.7333333333333333, 0.7344337090713903],
    );
  });

  test("weighted averages without examples are 0", () => {
    const figures = classFigures([
      [0, 0],
      [0, 0],
    ]);

    expect(weightedAverage(figures)).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  test("there is no average over no class", () => {
    expect(() => macroAverage([])).toThrow("there is no class to average over");
  });
});

function expectEach(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 14);
}

function expectAverages(
  { precision, recall, f1 }: ReturnType<typeof macroAverage>,
  expected: readonly [number, number, number],
): void {
  expectEach([precision, recall, f1], expected);
}
