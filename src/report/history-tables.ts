import type { BenchmarkCheck, CheckedSeries } from "../compare/nightly/benchmark-check.ts";
import { metricNames, type MetricName } from "../compare/comparison.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { figureOf, type Figure } from "./figures.ts";
import type { Table } from "./table.ts";

/** The figure that a benchmark is judged by. */
export function figureOfCheck({ rules }: BenchmarkCheck): Figure {
  const name = metricNames.find((metric): metric is MetricName => metric === rules.metric);
  return figureOf(name ?? "testAccuracy");
}

/** A series in words: its configuration, device and engine. */
export function describeSeries({ key }: CheckedSeries): string {
  const paths = Object.keys(key.values);
  const configuration = paths.length === 0 ? [] : [describeConfiguration(key.values, paths)];
  return [...configuration, `${key.engine} on ${key.device}`, `${key.seeds.length} seeds`].join(" · ");
}

/** The last night of each series of the newest run. */
export function latestTable(check: BenchmarkCheck, series: readonly CheckedSeries[]): Table {
  const { format } = figureOfCheck(check);
  return {
    columns: [
      { key: "series", label: "configuration", align: "left" },
      { key: "verdict", label: "verdict", align: "left" },
      { key: "mean", label: check.rules.metric, align: "right", format },
      { key: "baseline", label: "level before", align: "right", format },
      { key: "limit", label: "limit", align: "right", format },
      { key: "why", label: "why", align: "left" },
    ],
    rows: series.map((entry) => ({
      series: describeSeries(entry),
      verdict: entry.latest.verdict,
      mean: entry.latest.mean ?? null,
      baseline: entry.latest.baseline?.mean ?? null,
      limit: entry.latest.limit ?? null,
      why: entry.latest.why,
    })),
  };
}

/** Every night of every series, oldest first, with the gaps between them. */
export function nightsTable(check: BenchmarkCheck): Table {
  const { format } = figureOfCheck(check);
  const nights = check.series.flatMap((series) =>
    series.nights.map((night) => ({
      date: night.date,
      run: night.runId,
      series: describeSeries(series),
      mean: night.mean ?? null,
      limit: night.limit ?? null,
      verdict: night.verdict,
      commit: night.circumstances.commit?.slice(0, 10) ?? null,
      why: night.why,
    })),
  );
  const gaps = check.gaps.map(({ date, reason }) => ({ date, verdict: "missing", why: reason }));
  return {
    columns: [
      { key: "date", label: "date", align: "left" },
      { key: "run", label: "run", align: "left" },
      { key: "series", label: "configuration", align: "left" },
      { key: "mean", label: check.rules.metric, align: "right", format },
      { key: "limit", label: "limit", align: "right", format },
      { key: "verdict", label: "verdict", align: "left" },
      { key: "commit", label: "commit", align: "left" },
      { key: "why", label: "why", align: "left" },
    ],
    rows: [...nights, ...gaps].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)),
  };
}
