import { mean } from "./sample-statistics.ts";

/** Bins of the expected calibration error, as in Guo et al. (2017). */
const calibrationBinCount = 15;

/** Smallest probability that enters the log loss: the float32 machine epsilon, as scikit-learn clips float32. */
const clippedProbability = 2 ** -23;

/**
 * How many classes the model thinks more probable than the true one. Of equals, the lower class index comes first, so
 * that rank 0 is exactly the predicted class.
 * @param probabilities one per class, shape [classes]
 * @param label true class index, 0…classes-1
 * @returns 0…classes-1
 */
export function trueClassRank(probabilities: ArrayLike<number>, label: number): number {
  const own = probabilities[label] ?? 0;
  let rank = 0;
  for (let index = 0; index < probabilities.length; index++) {
    const other = probabilities[index] ?? 0;
    if (other > own || (other === own && index < label)) rank++;
  }
  return rank;
}

/**
 * Top-k accuracies: the fraction of the examples whose true class is among the k most probable ones, for k = 1…maxK.
 * @param ranks rank of the true class from 0, shape [examples], at least one
 * @param maxK ≥ 1
 * @returns shape [maxK], each 0…1, never falling; the first entry is the accuracy
 * @throws RangeError if there is no example
 * @see sklearn.metrics.top_k_accuracy_score (which lets the higher class index go first where probabilities are equal)
 */
export function topKAccuracies(ranks: ArrayLike<number>, maxK: number): number[] {
  if (ranks.length === 0) throw new RangeError("the top-k accuracy of no examples is undefined");
  const counts = new Float64Array(maxK);
  for (let example = 0; example < ranks.length; example++) {
    const rank = ranks[example] ?? 0;
    if (rank < maxK) counts[rank] = (counts[rank] ?? 0) + 1;
  }
  let among = 0;
  return Array.from(counts, (count) => (among += count) / ranks.length);
}

/**
 * Log loss: the mean over examples of −ln(probability given to the true class), in nats, 0…15.9. Probabilities are
 * clipped to 2^-23…1 − 2^-23, so that one wrong certainty does not make it infinite; the cross-entropy that a model
 * is trained with is computed from logits and not clipped.
 * @param trueProbabilities probability given to the true class, shape [examples], each 0…1, at least one
 * @throws RangeError if there is no example
 * @see sklearn.metrics.log_loss of float32 probabilities
 */
export function logLoss(trueProbabilities: ArrayLike<number>): number {
  return mean(
    Array.from(
      trueProbabilities,
      (probability) => -Math.log(Math.min(Math.max(probability, clippedProbability), 1 - clippedProbability)),
    ),
  );
}

/**
 * Squared distance of one example's probabilities from the truth: Σ over classes (p − y)², y = 1 for the true class.
 * Its mean over the examples is the Brier score.
 * @param probabilities one per class, shape [classes], sum 1
 * @param label true class index
 * @returns 0…2
 */
export function squaredError(probabilities: ArrayLike<number>, label: number): number {
  let sum = 0;
  for (let index = 0; index < probabilities.length; index++) {
    sum += ((probabilities[index] ?? 0) - (index === label ? 1 : 0)) ** 2;
  }
  return sum;
}

/**
 * Brier score in its original form for several classes: mean squared error, 0 (certain and right) … 2 (certain and wrong).
 * @param squaredErrors that of each example, shape [examples], at least one
 * @throws RangeError if there is no example
 * @see sklearn.metrics.brier_score_loss with `scale_by_half=False`
 */
export function brierScore(squaredErrors: ArrayLike<number>): number {
  return mean(squaredErrors);
}

/**
 * Expected calibration error: how far confidence and accuracy are apart. The examples are sorted into 15 bins of equal
 * width (0, 1/15] … (14/15, 1] by the probability of the predicted class; the result is the mean over the bins of
 * |accuracy − mean probability|, each weighted by its share of the examples. Empty bins don't count.
 * @param confidences probability of the predicted class, shape [examples], each 0…1, at least one
 * @param isRight whether the prediction is right, shape [examples]
 * @returns 0 (as often right as it claims) … 1
 * @throws RangeError if there is no example
 * @see Guo et al. (2017), On Calibration of Modern Neural Networks, equation 3; bins as in
 *   sklearn.calibration.calibration_curve with `n_bins=15, strategy="uniform"`
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number>,
  isRight: (example: number) => boolean,
): number {
  if (confidences.length === 0) throw new RangeError("the calibration error of no examples is undefined");
  // Per bin, Σ (right − confidence): its size, divided by all examples, is the bin's weighted part of the error.
  const gaps = new Float64Array(calibrationBinCount);
  for (let example = 0; example < confidences.length; example++) {
    const confidence = confidences[example] ?? 0;
    const bin = Math.min(Math.max(0, Math.ceil(confidence * calibrationBinCount) - 1), calibrationBinCount - 1);
    gaps[bin] = (gaps[bin] ?? 0) + (isRight(example) ? 1 : 0) - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / confidences.length;
}
