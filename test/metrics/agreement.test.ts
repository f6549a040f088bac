import fc from "fast-check";
import { expect, test } from "vitest";
import { accuracy, cohensKappa } from "../../src/metrics/agreement.ts";
import { confusionMatrix } from "../../src/metrics/confusion-matrix.ts";

// Frozen from scikit-learn 1.9.1: accuracy_score and cohen_kappa_score of the examples of class-figures.test.ts.
const tenExamples = confusionMatrix([0, 0, 0, 0, 1, 1, 1, 2, 2, 3], [0, 0, 1, 2, 1, 1, 0, 2, 0, 2], 5);
const sixtyExamples = [
  [7, 2, 0, 2],
  [1, 11, 2, 1],
  [2, 1, 10, 1],
  [2, 1, 1, 16],
];

test("accuracy is scikit-learn's", () => {
  expect(accuracy(tenExamples)).toBe(0.5);
  expect(accuracy(sixtyExamples)).toBeCloseTo(0.7333333333333333, 15);
});

test("Cohen's kappa is scikit-learn's", () => {
  expect(cohensKappa(tenExamples)).toBeCloseTo(0.2753623188405797, 15);
  expect(cohensKappa(sixtyExamples)).toBeCloseTo(0.6392333709131905, 15);
});

test("kappa is 1 when all is right, and -1 when two equally large classes are exchanged", () => {
  expect(
    cohensKappa([
      [4, 0],
      [0, 2],
    ]),
  ).toBe(1);
  expect(
    cohensKappa([
      [0, 3],
      [3, 0],
    ]),
  ).toBe(-1);
});

test("always predicting the same class has a kappa of 0, however often it is right", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (right, wrong) => {
      expect(
        cohensKappa([
          [right, 0],
          [wrong, 0],
        ]),
      ).toBeCloseTo(0, 15);
    }),
  );
});

test("kappa is 0 where it is undefined", () => {
  expect(
    cohensKappa([
      [7, 0],
      [0, 0],
    ]),
  ).toBe(0);
  expect(
    cohensKappa([
      [0, 0],
      [0, 0],
    ]),
  ).toBe(0);
});

test("accuracy without examples is 0", () => {
  expect(
    accuracy([
      [0, 0],
      [0, 0],
    ]),
  ).toBe(0);
});
