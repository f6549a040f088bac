import type { ReportSource } from "../orchestrate/render-run-report.ts";
import type { TrialRecord } from "../record/run-records.ts";
import type { EpochMetrics } from "../record/trial-record.ts";
import { describeConfiguration } from "../report/describe-configuration.ts";
import { figureOf } from "../report/figures.ts";
import { short } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import { sparkline } from "../report/sparkline.ts";
import type { Table } from "../report/table.ts";

const sparklineWidth = 16;
const shownBest = 5;
/** What stands around the two tables. */
const otherLines = 8;

/**
 * A run as lines for a terminal: counts, the trials that have begun and not ended with their curves, the best
 * configurations so far.
 * @param rows height of the terminal
 */
export function renderWatchLines({ records, comparison }: ReportSource, rows: number): string[] {
  const { experiment, runId, trialCounts, configurations, columns } = comparison;
  const { planned, finished, failed, started, pending } = trialCounts;
  const open = records.trials.filter(({ state }) => state.type === "started");
  const best = configurations.filter(({ seeds }) => seeds.finished > 0).slice(0, shownBest);
  const room = Math.max(3, rows - otherLines - best.length);
  return [
    `${experiment}  run ${runId}`,
    `${finished}/${planned} finished · ${started} begun · ${failed} failed · ${pending} to come`,
    ...(open.length === 0 ? [] : ["", ...linesOf(trialTable(records, columns, open.slice(0, room)))]),
    ...(open.length > room ? [`… and ${open.length - room} more`] : []),
    ...(best.length === 0 ? [] : ["", ...linesOf(bestTable(comparison, best))]),
  ];
}

function linesOf(table: Table): string[] {
  return renderTextTable(table).trimEnd().split("\n");
}

function trialTable(
  { plan }: ReportSource["records"],
  columns: readonly string[],
  trials: readonly TrialRecord[],
): Table {
  return {
    columns: [
      { key: "trial", label: "trial", align: "left" },
      { key: "configuration", label: "configuration", align: "left" },
      { key: "seed", label: "seed", align: "right" },
      { key: "epoch", label: "epoch", align: "right" },
      { key: "loss", label: "loss", align: "left" },
      { key: "accuracy", label: "validation accuracy", align: "left" },
    ],
    rows: trials.map((record) => {
      const { trial } = record;
      const configuration = plan.configurations[trial.configuration];
      const lines = record.metrics.filter((line) => line.kind === "epoch");
      return {
        trial: trial.id.slice(0, 8),
        configuration: describeConfiguration(configuration?.values ?? {}, columns),
        seed: trial.seed,
        epoch: `${lines.at(-1)?.epoch ?? 0}/${configuration?.estimate.epochCount ?? "?"}`,
        loss: curveText(lines, ({ loss }) => loss),
        accuracy: curveText(lines, ({ validation }) => validation?.accuracy),
      };
    }),
  };
}

/** The curve and its last value: `█▅▃▂▁ 0.1234`. */
function curveText(lines: readonly EpochMetrics[], read: (line: EpochMetrics) => number | undefined): string | null {
  const values = lines.map(read).filter((value) => value !== undefined);
  const last = values.at(-1);
  return last === undefined ? null : `${sparkline(values, sparklineWidth)} ${short(last)}`;
}

function bestTable(
  { columns, rankedBy }: ReportSource["comparison"],
  best: ReportSource["comparison"]["configurations"],
): Table {
  const figure = figureOf(rankedBy?.metric ?? "testAccuracy");
  const key = rankedBy?.metric ?? "testAccuracy";
  return {
    columns: [
      { key: "rank", label: "#", align: "right" },
      { key: "configuration", label: "best so far", align: "left" },
      { key: "seeds", label: "seeds", align: "right" },
      { key: "figure", label: figure.label, align: "right" },
    ],
    rows: best.map((row) => {
      const summary = row.metrics[key];
      const spread = summary?.sd === undefined ? "" : ` ± ${figure.formatSpread(summary.sd)}`;
      return {
        rank: row.rank ?? null,
        configuration: describeConfiguration(row.values, columns),
        seeds: `${row.seeds.finished}/${row.seeds.planned}`,
        figure: summary === undefined ? null : `${figure.format(summary.mean)}${spread}`,
      };
    }),
  };
}
