import fc from "fast-check";
import { expect, test } from "vitest";
import { shortestFloat32 } from "../../src/encoding/shortest-float32.ts";
import { describeTest, lossAndAccuracy } from "../../trainer/evaluate-model.ts";

const predictions = {
  labels: Int32Array.of(0, 1, 1, 0),
  predicted: Int32Array.of(0, 1, 0, 0),
  probabilities: Float32Array.of(0.9, 0.6, 0.75, 1),
  losses: Float32Array.of(0.25, 0.5, 1.25, 0),
  trueProbabilities: Float32Array.of(0.9, 0.6, 0.25, 1),
  ranks: Int32Array.of(0, 0, 1, 0),
  squaredErrors: Float64Array.of(0.02, 0.32, 1.125, 0),
};

test("loss and accuracy are means over the examples", () => {
  expect(lossAndAccuracy(predictions)).toEqual({ loss: 0.5, accuracy: 0.75 });
});

test("a test is described by its figures, its confusion and a line for each prediction", () => {
  const { figures, confusion, predictions: text } = describeTest(predictions, ["cat", "dog"]);

  // Class 0: 2 right, 1 wrongly predicted, none missed: F1 = 4/5. Class 1: 1 right, 1 missed: 2/3.
  expect(figures).toMatchObject({ loss: 0.5, accuracy: 0.75, macroF1: (4 / 5 + 2 / 3) / 2 });
  expect(confusion).toMatchObject({
    classNames: ["cat", "dog"],
    counts: [
      [2, 0],
      [1, 1],
    ],
  });
  expect(text).toBe("example,label,predicted,probability\n0,0,0,0.9\n1,1,1,0.6\n2,1,0,0.75\n3,0,0,1\n");
});

test("the figures of a test include agreement, log loss, Brier score, calibration and top-k accuracies", () => {
  const { figures } = describeTest(predictions, ["cat", "dog"]);

  // Kappa: 0.75 right, by chance (2·3 + 2·1) / 16 = 0.5. Each example has a calibration bin of its own.
  expect(figures.weightedF1).toBeCloseTo((4 / 5 + 2 / 3) / 2, 12);
  expect(figures.cohensKappa).toBe(0.5);
  expect(figures.logLoss).toBeCloseTo(-Math.log(0.9 * 0.6 * 0.25) / 4, 6);
  expect(figures.brierScore).toBeCloseTo(1.465 / 4, 12);
  expect(figures.expectedCalibrationError).toBeCloseTo((0.1 + 0.4 + 0.75 + 0) / 4, 6);
  expect(figures.topKAccuracies).toEqual([0.75]);
});

test("a float32's shortest decimal reads back as the same number", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = shortestFloat32(value);
      expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
      expect(text.length).toBeLessThanOrEqual(String(value).length);
    }),
  );
});
