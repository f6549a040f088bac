import type { ConfigurationId } from "../plan/plan.ts";
import type { ConfigurationRow, TrialRow } from "./comparison.ts";
import type { RankingMetric } from "./comparison-statistics.ts";
import { groupBy } from "./group-by.ts";
import { metricOf } from "./summarise-metrics.ts";

/** A ranked configuration with its seeds' values of the metric that ranks. */
export interface RankedSeeds {
  readonly configurationId: ConfigurationId;
  /** Ascending. */
  readonly seeds: readonly number[];
  /** In the order of `seeds`. */
  readonly values: readonly number[];
}

/** The values that a ranking is made of, in its order. @param rows ranked or not, best first */
export function rankedSeeds(
  rows: readonly ConfigurationRow[],
  trials: readonly TrialRow[],
  metric: RankingMetric,
): RankedSeeds[] {
  const finished = groupBy(
    trials.filter(({ state }) => state === "finished"),
    ({ configurationId }) => configurationId,
  );
  return rows.flatMap(({ rank, configurationId }) => {
    if (rank === undefined) return [];
    const seeds = [...(finished.get(configurationId) ?? [])].sort((a, b) => a.seed - b.seed);
    const values = seeds.flatMap((trial) => metricOf(trial, metric) ?? []);
    return [{ configurationId, seeds: seeds.map(({ seed }) => seed), values }];
  });
}
