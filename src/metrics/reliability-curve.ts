import type { Interval } from "./student-interval.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** Examples whose predictions were about equally confident. */
export interface ReliabilityBin {
  /** Confidences above this … */
  readonly low: number;
  /** … up to this. */
  readonly high: number;
  /** Examples in the bin, at least one. */
  readonly count: number;
  /** Mean probability of the predicted class, 0…1. */
  readonly meanConfidence: number;
  /** Share of them that were predicted right, 0…1. */
  readonly accuracy: number;
  /** 95 % Wilson interval of the accuracy. */
  readonly interval: Interval;
}

/** Bins of equal width, those of the expected calibration error. */
const binCount = 15;

/**
 * How often predictions are right that claim to be right with a certain probability: a calibrated model's curve is the
 * diagonal. The mean distance from it, weighted by `count`, is the expected calibration error.
 * @param confidences probability of the predicted class, shape [examples], each 0…1
 * @param isRight whether the prediction is right, by example
 * @returns the bins that have examples, least confident first
 * @see sklearn.calibration.calibration_curve with `n_bins=15, strategy="uniform"`; Guo et al. (2017), section 2
 */
export function reliabilityCurve(
  confidences: ArrayLike<number>,
  isRight: (example: number) => boolean,
): ReliabilityBin[] {
  const counts = new Uint32Array(binCount);
  const rights = new Uint32Array(binCount);
  const sums = new Float64Array(binCount);
  for (let example = 0; example < confidences.length; example++) {
    const confidence = confidences[example] ?? 0;
    const bin = Math.min(Math.max(0, Math.ceil(confidence * binCount) - 1), binCount - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
    sums[bin] = (sums[bin] ?? 0) + confidence;
    if (isRight(example)) rights[bin] = (rights[bin] ?? 0) + 1;
  }
  return Array.from(counts, (count, bin) => ({ count, bin })).flatMap(({ count, bin }) => {
    if (count === 0) return [];
    const right = rights[bin] ?? 0;
    return [
      {
        low: bin / binCount,
        high: (bin + 1) / binCount,
        count,
        meanConfidence: (sums[bin] ?? 0) / count,
        accuracy: right / count,
        interval: wilsonInterval(right, count),
      },
    ];
  });
}
