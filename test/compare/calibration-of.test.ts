import { describe, expect, test } from "vitest";
import { calibrationOf } from "../../src/compare/calibration-of.ts";
import type { SeedPredictions } from "../../src/compare/model-duel.ts";

/** Ten predictions of a confidence, of which so many are right. */
function predictionsOf(confidence: number, right: number): SeedPredictions {
  return {
    seed: 1,
    predictions: {
      labels: new Uint16Array(10),
      predicted: Uint16Array.from({ length: 10 }, (_, example) => (example < right ? 0 : 1)),
      confidences: new Float32Array(10).fill(confidence),
    },
  };
}

describe("calibration", () => {
  test("of a model that is right less often than it claims is that distance", () => {
    const { bins, expectedCalibrationError } = calibrationOf([predictionsOf(0.75, 5)]);

    expect(bins).toEqual([
      {
        low: 11 / 15,
        high: 12 / 15,
        count: 10,
        meanConfidence: 0.75,
        accuracy: 0.5,
        interval: { low: expect.closeTo(0.2366, 4), high: expect.closeTo(0.7634, 4) },
      },
    ]);
    expect(expectedCalibrationError).toBeCloseTo(0.25, 12);
  });

  test("of several seeds takes all their predictions together, without intervals that would count examples twice", () => {
    const { bins, expectedCalibrationError, trials } = calibrationOf([predictionsOf(0.75, 5), predictionsOf(0.75, 10)]);

    expect(trials).toBe(2);
    expect(bins).toHaveLength(1);
    expect(bins[0]).toMatchObject({ count: 20, accuracy: 0.75 });
    expect(bins[0]).not.toHaveProperty("interval");
    expect(expectedCalibrationError).toBeCloseTo(0, 12);
  });
});
