import { mean, sampleStandardDeviation } from "./sample-statistics.ts";
import { studentQuantile } from "./student-interval.ts";

/**
 * How far below the mean of earlier values the mean of new ones may lie if nothing has changed: one side of a
 * prediction interval. Wider than a confidence interval: it has the spread of the new values in it, too.
 * @param values earlier ones, shape [n], n ≥ 2, roughly normal and independent
 * @param options.level share of such means that lie further out, 0 < level < 0.5
 * @param options.count number of new values that the mean is of, ≥ 1
 * @returns ≥ 0, to be subtracted from their mean; 0 without spread
 * @see Hahn and Meeker (1991), Statistical Intervals, section 4.8; statsmodels' `get_prediction` of a constant, `obs_ci_lower`
 */
export function predictionMargin(
  values: readonly number[],
  { level, count = 1 }: { readonly level: number; readonly count?: number },
): number {
  const sd = sampleStandardDeviation(values);
  // Equal values leave a spread of rounding errors.
  if (sd <= 1e-14 * Math.abs(mean(values))) return 0;
  return studentQuantile(1 - level, values.length - 1) * sd * Math.sqrt(1 / count + 1 / values.length);
}
