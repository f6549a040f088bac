import type { Comparison, ConfigurationRow } from "../../compare/comparison.ts";
import type { Figure } from "../figures.ts";

/** The common scale of all drawn intervals. */
export interface Scale {
  readonly figure: Figure;
  readonly low: number;
  readonly high: number;
}

/**
 * The scale on which the better half of the configurations can be told apart; worse ones may lie outside it, because
 * one diverged configuration would squeeze all others into a point. Null if no configuration has the figure.
 */
export function intervalScale({ configurations }: Comparison, figure: Figure): Scale | null {
  const sign = figure.better === "higher" ? -1 : 1;
  const ranges = configurations.flatMap((row) => rangeOf(row, figure)).sort((a, b) => sign * (a.mean - b.mean));
  if (ranges.length === 0) return null;
  const better = extent(ranges.slice(0, Math.max(2, Math.ceil(ranges.length / 2))));
  const all = extent(ranges);
  const margin = 0.5 * (better.high - better.low) || Math.abs(better.high) * 0.01;
  return {
    figure,
    low: Math.max(all.low, better.low - margin),
    high: Math.min(all.high, better.high + margin),
  };
}

function rangeOf(row: ConfigurationRow, { key }: Figure): { low: number; mean: number; high: number }[] {
  const summary = key === "seconds" ? undefined : row.metrics[key];
  if (!summary) return [];
  const { mean, interval, best, worst } = summary;
  const values = [mean, interval?.low ?? mean, interval?.high ?? mean, best.value, worst.value];
  return [{ low: Math.min(...values), mean, high: Math.max(...values) }];
}

function extent(ranges: readonly { readonly low: number; readonly high: number }[]): { low: number; high: number } {
  return { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
}
