import { studentQuantile } from "./student-interval.ts";

/** What is known of earlier values. */
export interface PredictionBasis {
  /** Standard deviation of a single value, ≥ 0. */
  readonly sd: number;
  /** What the standard deviation is worth: the number of values that it is from, less that of their means. */
  readonly degreesOfFreedom: number;
  /** Number of values that the mean is of, ≥ 1. */
  readonly count: number;
}

/**
 * How far below the mean of earlier values a new one may lie if nothing has changed: one side of a prediction
 * interval. Wider than a confidence interval: it has the spread of the new value in it, too. For values that are
 * roughly normal and independent.
 * @param level share of new values that lie further out, 0 < level < 0.5
 * @returns ≥ 0, to be subtracted from the mean; 0 without spread
 * @see Hahn and Meeker (1991), Statistical Intervals, section 4.8; statsmodels' `get_prediction` of a constant, `obs_ci_lower`
 */
export function predictionMargin({ sd, degreesOfFreedom, count }: PredictionBasis, level: number): number {
  return sd === 0 ? 0 : studentQuantile(1 - level, degreesOfFreedom) * sd * Math.sqrt(1 + 1 / count);
}
