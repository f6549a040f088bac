import { studentTwoSided } from "./student-test.ts";
import { mean } from "./sample-statistics.ts";

/** Spearman's rank correlation. */
export interface RankCorrelation {
  /** −1…1: 1 = the larger the one, the larger the other. */
  readonly correlation: number;
  /** Two-sided, by the t approximation: too small a figure below about 10 pairs. */
  readonly p: number;
}

/**
 * Spearman's rank correlation of two quantities; equal values share their mean rank.
 * @param x shape [n], n ≥ 3
 * @param y shape [n]
 * @returns undefined with fewer than three pairs, or if one quantity is always the same
 * @throws RangeError if the lengths differ
 * @see scipy.stats.spearmanr
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): RankCorrelation | undefined {
  if (x.length !== y.length) throw new RangeError(`pairs are needed, got ${x.length} and ${y.length} values`);
  if (x.length < 3) return undefined;
  const correlation = pearson(ranksOf(x), ranksOf(y));
  if (correlation === undefined) return undefined;
  const degrees = x.length - 2;
  const isExact = Math.abs(correlation) >= 1;
  const t = correlation * Math.sqrt(degrees / ((1 + correlation) * (1 - correlation)));
  return { correlation, p: isExact ? 0 : studentTwoSided(t, degrees) };
}

/**
 * Ranks from 1, the smallest value first; equal values share the mean of their ranks.
 * @param values shape [n]
 * @returns shape [n]
 * @see scipy.stats.rankdata
 */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let index = start; index < end; index++) ranks[order[index] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return [...ranks];
}

function pearson(x: readonly number[], y: readonly number[]): number | undefined {
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [index, value] of x.entries()) {
    const [dx, dy] = [value - meanX, (y[index] ?? 0) - meanY];
    xx += dx ** 2;
    yy += dy ** 2;
    xy += dx * dy;
  }
  if (xx === 0 || yy === 0) return undefined;
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)));
}
