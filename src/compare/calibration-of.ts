import { expectedCalibrationError } from "../metrics/probability-figures.ts";
import { reliabilityCurve, type ReliabilityBin } from "../metrics/reliability-curve.ts";
import type { SeedPredictions } from "./model-duel.ts";

/** How far confidence and accuracy of a model, or of the seeds of a configuration together, are apart. */
export interface Calibration {
  readonly trials: number;
  /** Of all predictions of all trials, 0…1. */
  readonly expectedCalibrationError: number;
  /** Least confident first; without intervals for several trials, which were tested on the same examples. */
  readonly bins: readonly (Omit<ReliabilityBin, "interval"> & Partial<Pick<ReliabilityBin, "interval">>)[];
}

/**
 * The reliability curve of one or more trials, and its mean distance from the diagonal.
 * @param seeds at least one, each with at least one example
 */
export function calibrationOf(seeds: readonly SeedPredictions[]): Calibration {
  const confidences = seeds.flatMap(({ predictions }) => Array.from(predictions.confidences));
  const rights = seeds.flatMap(({ predictions: { labels, predicted } }) =>
    Array.from(labels, (label, example) => predicted[example] === label),
  );
  const isRight = (index: number): boolean => rights[index] === true;
  const curve = reliabilityCurve(confidences, isRight);
  return {
    trials: seeds.length,
    expectedCalibrationError: expectedCalibrationError(confidences, isRight),
    bins: seeds.length === 1 ? curve : curve.map(withoutInterval),
  };
}

function withoutInterval({
  low,
  high,
  count,
  meanConfidence,
  accuracy,
}: ReliabilityBin): Omit<ReliabilityBin, "interval"> {
  return { low, high, count, meanConfidence, accuracy };
}
