import type { Comparison, ConfigurationRow, MetricSummary, TrialRow } from "../compare/comparison.ts";
import { groupBy } from "../compare/group-by.ts";
import { summariseMetrics } from "../compare/summarise-metrics.ts";
import type { ReportData } from "./report-data.ts";

type LeanRow = Omit<ConfigurationRow, "metrics"> & { readonly bootstrap?: MetricSummary["bootstrap"] };

interface LeanComparison extends Omit<Comparison, "configurations" | "trials" | "tests"> {
  readonly configurations: readonly LeanRow[];
  readonly trials: readonly Omit<TrialRow, "values">[];
}

/** A report's data as it stands in a page: without what the trials' figures already say. */
export interface LeanReportData extends Omit<ReportData, "comparison"> {
  readonly comparison: LeanComparison;
}

/**
 * Leaves out of a report's data what a page works out faster than it reads it, three quarters of it all: summaries over
 * seeds, and the tests, which a page makes against any baseline. Bootstrap intervals stay, they take time.
 */
export function toLeanData(data: ReportData): LeanReportData {
  const { tests: _, ...comparison } = data.comparison;
  const metric = comparison.rankedBy?.metric;
  const configurations = comparison.configurations.map(({ metrics, ...row }): LeanRow => {
    const bootstrap = metric === undefined ? undefined : metrics[metric]?.bootstrap;
    return bootstrap === undefined ? row : { ...row, bootstrap };
  });
  const trials = comparison.trials.map(({ values: __, ...trial }) => trial);
  return { ...data, comparison: { ...comparison, configurations, trials } };
}

/** The data that `toLeanData` was given, but for the tests. */
export function fromLeanData({ comparison, ...rest }: LeanReportData): ReportData {
  const { rankedBy, topK } = comparison;
  const values = new Map(comparison.configurations.map((row) => [row.configurationId, row.values]));
  const trials = comparison.trials.map(
    (trial): TrialRow => ({ ...trial, values: values.get(trial.configurationId) ?? {} }),
  );
  const finished = groupBy(
    trials.filter(({ state }) => state === "finished"),
    ({ configurationId }) => configurationId,
  );
  const configurations = comparison.configurations.map(({ bootstrap, ...row }): ConfigurationRow => {
    const metrics = summariseMetrics(finished.get(row.configurationId) ?? [], topK);
    const ranking = rankedBy === undefined ? undefined : metrics[rankedBy.metric];
    if (rankedBy === undefined || ranking === undefined || bootstrap === undefined) return { ...row, metrics };
    return { ...row, metrics: { ...metrics, [rankedBy.metric]: { ...ranking, bootstrap } } };
  });
  return { ...rest, comparison: { ...comparison, configurations, trials } };
}
