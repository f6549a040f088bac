import { smallestRankTestP } from "../metrics/exact-tests.ts";
import { expectedMaximum } from "../metrics/normal-distribution.ts";
import { detectableDifference, pooledVariance } from "../metrics/student-test.ts";
import type { ComparisonNote } from "./comparison.ts";
import type { RankingMetric } from "./comparison-statistics.ts";
import type { RankedSeeds } from "./ranked-seeds.ts";

/** From so many seeds on, a rank test could find something, too. */
const enoughSeeds = 5;

/**
 * What must be known to read the tests: how little a few seeds can show, and how far ahead luck alone puts the best.
 * @param ranked best first
 */
export function noteSignificance(ranked: readonly RankedSeeds[], metric: RankingMetric): ComparisonNote[] {
  const several = ranked.filter(({ values }) => values.length > 1);
  if (ranked.length < 2 || several.length < ranked.length) return [];
  const sd = Math.sqrt(pooledVariance(several.map(({ values }) => values)));
  const fewest = Math.min(...several.map(({ values }) => values.length));
  return [...noteFewSeeds(fewest, sd, metric), ...noteBestOf(ranked.length, sd / Math.sqrt(fewest), metric)];
}

function noteFewSeeds(seeds: number, sd: number, metric: RankingMetric): ComparisonNote[] {
  if (seeds >= enoughSeeds) return [];
  const smallest = smallestRankTestP(seeds, seeds);
  const message =
    `With ${seeds} seeds against ${seeds}, a test that takes nothing for granted (Mann–Whitney) can't get below p = ${round(smallest)}, whatever the figures. ` +
    `The t tests shown take roughly normal figures for granted` +
    (sd > 0
      ? `; one alone finds a difference in ${nameOf(metric)} in 8 of 10 cases if it is ${points(detectableDifference(sd, seeds))} or more.`
      : ".");
  return [{ code: "too-few-seeds", message }];
}

function noteBestOf(count: number, standardError: number, metric: RankingMetric): ComparisonNote[] {
  if (standardError === 0) return [];
  const luck = points(expectedMaximum(count) * standardError);
  const consequence =
    metric === "validationAccuracy"
      ? "Test accuracy was not selected on, so it doesn't flatter the best one."
      : "The best one's test accuracy is selected on, so it flatters: hold validation examples out.";
  const message = `The best of ${count} configurations: if all were equally good, the best would be about ${luck} of ${nameOf(metric)} ahead of their mean by luck alone. ${consequence}`;
  return [{ code: "best-of-n", message }];
}

function nameOf(metric: RankingMetric): string {
  return metric === "validationAccuracy" ? "validation accuracy" : "test accuracy";
}

function points(share: number): string {
  return `${round(100 * share)} percentage points`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(2)));
}
