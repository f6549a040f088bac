import type { Comparison, ConfigurationRow, MetricName } from "../compare/comparison.ts";
import type { ConfigurationTest } from "../compare/comparison-statistics.ts";
import { columnLabels } from "./describe-configuration.ts";
import { figureOf, shownFigures } from "./figures.ts";
import { duration, grouped, pValue, signed } from "./number-formats.ts";
import type { Table, TableColumn, TableRow } from "./table.ts";

/** The leaderboard in full, for scripts: every figure with its number of seeds, mean, sd and interval. */
export function leaderboardData(comparison: Comparison): Table {
  const { configurations, columns } = comparison;
  const tests = testsByConfiguration(comparison);
  const metrics = metricFigures(comparison, "all").map(({ key }) => key);
  const number = (key: string): TableColumn => ({ key, label: key, align: "right" });
  return {
    columns: [
      number("rank"),
      number("tiedRank"),
      { key: "configuration", label: "configuration", align: "left" },
      ...columns.map((path): TableColumn => ({ key: path, label: path, align: "left" })),
      ...["parameters", "seeds", "failed"].map(number),
      ...["difference", "welchP", "welchAdjustedP", "pairedP", "pairedAdjustedP", "cohensD"].map(number),
      ...metrics.flatMap((metric) => ["Mean", "Sd", "Low95", "High95"].map((part) => number(`${metric}${part}`))),
    ],
    rows: configurations.map((row) => ({
      ...identityCells(row, columns),
      failed: row.seeds.failed,
      tiedRank: row.tiedRank ?? null,
      ...testCells(tests.get(row.configurationId)),
      ...Object.assign({}, ...metrics.map((metric) => metricCells(row, metric))),
    })),
  };
}

/** What fits a terminal beside the metric that ranks (a top-k accuracy is only there on request); scripts get all. */
const usualMetrics: ReadonlySet<MetricName> = new Set(["testAccuracy", "testLoss", "testTopK"]);

/**
 * The leaderboard as people read it: mean ± sd of each figure, and the 95 % interval of the one that ranks.
 * @param which `all`: with the figures that are only shown on request
 */
export function leaderboardTable(comparison: Comparison, which: "usual" | "all" = "usual"): Table {
  const { configurations, columns } = comparison;
  const tests = testsByConfiguration(comparison);
  const labels = columnLabels(columns);
  const ranking = comparison.rankedBy?.metric ?? "testAccuracy";
  const isShown = (key: MetricName): boolean => which === "all" || key === ranking || usualMetrics.has(key);
  const metrics = metricFigures(comparison, which).filter(({ key }) => isShown(key));
  return {
    columns: [
      { key: "rank", label: "#", align: "right" },
      { key: "configuration", label: "configuration", align: "left" },
      ...columns.map((path): TableColumn => ({ key: path, label: labels.get(path) ?? path, align: "left" })),
      { key: "parameters", label: "parameters", align: "right", format: grouped },
      { key: "seeds", label: "seeds", align: "right" },
      ...metrics.flatMap(({ key, label }): TableColumn[] => [
        { key, label, align: "right" },
        ...(key === ranking ? rankingColumns(comparison) : []),
      ]),
      { key: "seconds", label: "time a trial", align: "right", format: duration },
    ],
    rows: configurations.map((row) => ({
      ...identityCells(row, columns),
      rank: rankText(row),
      configuration: row.configurationId.slice(0, 8),
      seeds:
        row.seeds.finished === row.seeds.planned ? row.seeds.planned : `${row.seeds.finished}/${row.seeds.planned}`,
      ...Object.fromEntries(metrics.map(({ key }) => [key, meanAndSd(row, key)])),
      interval: intervalText(row, ranking),
      difference: differenceText(tests.get(row.configurationId)),
      seconds: row.meanSeconds ?? null,
    })),
  };
}

function rankingColumns({ tests, configurations }: Comparison): TableColumn[] {
  const first = configurations.find(({ rank }) => rank !== undefined)?.configurationId;
  const baseline = tests?.baselineId === first ? "first" : tests?.baselineId.slice(0, 8);
  return [
    { key: "interval", label: "95 % interval", align: "right" },
    ...(tests === undefined ? [] : [{ key: "difference", label: `to the ${baseline} (p)`, align: "right" } as const]),
  ];
}

function testsByConfiguration({ tests }: Comparison): ReadonlyMap<string, ConfigurationTest> {
  return new Map((tests?.tests ?? []).map((test) => [test.configurationId, test]));
}

/** `3 =1`: the third, which can't be told from the first. */
function rankText({ rank, tiedRank }: ConfigurationRow): string | null {
  if (rank === undefined) return null;
  return tiedRank === undefined || tiedRank === rank ? String(rank) : `${rank} =${tiedRank}`;
}

/** How far it is from the baseline, above 0 if it is better; with Welch's adjusted p, and `*` if that is significant. */
function differenceText(test: ConfigurationTest | undefined): string | null {
  if (test === undefined) return null;
  const points = signed(-100 * test.difference, 2);
  return test.welch === undefined
    ? points
    : `${points} (${pValue(test.welch.adjustedP)}${test.isDifferent ? " *" : ""})`;
}

function testCells(test: ConfigurationTest | undefined): TableRow {
  return {
    difference: test?.difference ?? null,
    welchP: test?.welch?.p ?? null,
    welchAdjustedP: test?.welch?.adjustedP ?? null,
    pairedP: test?.paired?.p ?? null,
    pairedAdjustedP: test?.paired?.adjustedP ?? null,
    cohensD: test?.cohensD ?? null,
  };
}

function metricFigures(comparison: Comparison, which: "usual" | "all") {
  return shownFigures(comparison, which).flatMap(({ key, label }) => (key === "seconds" ? [] : [{ key, label }]));
}

function identityCells(row: ConfigurationRow, columns: readonly string[]): TableRow {
  return {
    rank: row.rank ?? null,
    configuration: row.configurationId,
    ...Object.fromEntries(columns.map((path) => [path, row.values[path] ?? null])),
    parameters: row.parameterCount,
    seeds: row.seeds.finished,
  };
}

function metricCells(row: ConfigurationRow, metric: MetricName): TableRow {
  const summary = row.metrics[metric];
  return {
    [`${metric}Mean`]: summary?.mean ?? null,
    [`${metric}Sd`]: summary?.sd ?? null,
    [`${metric}Low95`]: summary?.interval?.low ?? null,
    [`${metric}High95`]: summary?.interval?.high ?? null,
  };
}

function meanAndSd(row: ConfigurationRow, metric: MetricName): string | null {
  const summary = row.metrics[metric];
  const { format, formatSpread } = figureOf(metric);
  if (summary === undefined) return null;
  return summary.sd === undefined ? format(summary.mean) : `${format(summary.mean)} ± ${formatSpread(summary.sd)}`;
}

function intervalText(row: ConfigurationRow, metric: MetricName): string | null {
  const interval = row.metrics[metric]?.interval;
  if (interval === undefined) return null;
  const { formatSpread } = figureOf(metric);
  return `${formatSpread(interval.low)} … ${formatSpread(interval.high)}`;
}
