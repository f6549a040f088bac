import { bootstrapInterval, smallestBootstrapSample } from "../metrics/bootstrap.ts";
import type { ConfigurationId } from "../plan/plan.ts";
import type { Comparison, ConfigurationRow } from "./comparison.ts";
import type { RankingMetric } from "./comparison-statistics.ts";
import { importanceOf } from "./field-importance.ts";
import { paretoFronts } from "./pareto-fronts.ts";
import { rankedSeeds, type RankedSeeds } from "./ranked-seeds.ts";
import { testRanking, tiedRanks } from "./test-ranking.ts";

/** Resampling takes time, and nobody reads that of the two hundredth. */
const mostIntervals = 200;

/**
 * What a ranking is worth: ties, tests against the baseline, which fields matter, what is not beaten at its cost.
 * @param configurations in the ranking's order
 * @param baselineId what the others are tested against; absent = the first
 */
export function rankingStatistics({
  configurations,
  trials,
  columns,
  metric,
  baselineId,
}: Pick<Comparison, "configurations" | "trials" | "columns"> & {
  readonly metric: RankingMetric;
  readonly baselineId: ConfigurationId | undefined;
}): Pick<Comparison, "configurations" | "tests" | "importance" | "pareto"> {
  const ranked = rankedSeeds(configurations, trials, metric);
  const ranks = tiedRanks(ranked);
  const [best] = ranked;
  const baseline = baselineId ?? best?.configurationId;
  const tests = baseline && testRanking(ranked, { metric, baselineId: baseline });
  const importance = importanceOf(trials, columns, metric);
  return {
    configurations: withIntervals(
      configurations.map((row) => withTie(row, ranks)),
      ranked,
      metric,
    ),
    ...(tests ? { tests } : {}),
    ...(importance === undefined ? {} : { importance }),
    pareto: paretoFronts(configurations, metric),
  };
}

function withTie(row: ConfigurationRow, ranks: ReadonlyMap<ConfigurationId, number>): ConfigurationRow {
  const tiedRank = ranks.get(row.configurationId);
  return tiedRank === undefined ? row : { ...row, tiedRank };
}

function withIntervals(
  rows: readonly ConfigurationRow[],
  ranked: readonly RankedSeeds[],
  metric: RankingMetric,
): ConfigurationRow[] {
  const first = ranked.slice(0, mostIntervals).filter(({ values }) => values.length >= smallestBootstrapSample);
  const intervals = new Map(first.map(({ configurationId, values }) => [configurationId, bootstrapInterval(values)]));
  return rows.map((row) => {
    const [bootstrap, summary] = [intervals.get(row.configurationId), row.metrics[metric]];
    if (bootstrap === undefined || summary === undefined) return row;
    return { ...row, metrics: { ...row.metrics, [metric]: { ...summary, bootstrap } } };
  });
}
