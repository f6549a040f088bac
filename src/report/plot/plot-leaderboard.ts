import type { Comparison, ConfigurationRow, MetricName } from "../../compare/comparison.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { figureOf, trialFigure } from "../figures.ts";
import { linearAxis } from "./axis.ts";
import { bottomMargin, drawFrame, drawHeading } from "./frame.ts";
import { fittedText, line, marker, paleInk, text, textWidth, type Drawing } from "./svg.ts";

/** What of the leaderboard is drawn. */
export interface LeaderboardPlot {
  readonly comparison: Comparison;
  readonly metric: MetricName;
  readonly subtitle: string;
  readonly width: number;
}

/** More rows than fit a page. */
export const maxPlottedRows = 40;

const rowHeight = 14;
/** Room for three digits. */
const rankWidth = 20;
const meanColor = "#0072B2";

/**
 * Configurations, best first: the mean of a metric, its 95 % interval, and every seed by itself.
 * @returns undefined if no configuration has the metric
 */
export function plotLeaderboard({ comparison, metric, subtitle, width }: LeaderboardPlot): Drawing | undefined {
  const rows = comparison.configurations.filter((row) => row.metrics[metric] !== undefined).slice(0, maxPlottedRows);
  if (rows.length === 0) return undefined;
  const names = rows.map((row) => describeConfiguration(row.values, comparison.columns));
  const isShare = figureOf(metric).format(1).endsWith("%");
  const label = `${figureOf(metric).label}${isShare ? " (%)" : ""}`;
  const seeds = rows.map((row) => seedValues(comparison, row, metric));
  const horizontal = linearAxis(label, [...seeds.flat(), ...rows.flatMap((row) => intervalOf(row, metric, isShare))], {
    isPercent: isShare,
  });
  const heading = drawHeading(`Leaderboard: ${figureOf(metric).label}`, [subtitle], width);
  const left = Math.min(0.45 * width, rankWidth + Math.max(...names.map((name) => textWidth(name))) + 10);
  const area = { left, top: heading.height, width: width - left - 10, height: rows.length * rowHeight };
  const frame = drawFrame(area, horizontal, { label: "", low: 0, high: 1, ticks: [] });
  const grid = horizontal.ticks.map(({ value }) =>
    line([frame.x(value), area.top], [frame.x(value), area.top + area.height], { stroke: "#e6e6e6", width: 0.5 }),
  );
  return {
    width,
    height: area.top + area.height + bottomMargin + 12,
    title: `${label} by configuration`,
    description: rows
      .map((row, index) => `${names[index]}: ${figureOf(metric).format(row.metrics[metric]?.mean ?? NaN)}`)
      .join("; "),
    content: [
      ...heading.content,
      ...grid,
      ...frame.content,
      ...rows.map((row, index) => {
        const y = area.top + (index + 0.5) * rowHeight;
        const name = [
          text(rankWidth - 6, y + 2.8, String(row.rank ?? "–"), { anchor: "end", color: paleInk }),
          text(rankWidth, y + 2.8, fittedText(names[index] ?? "", left - rankWidth - 6)),
        ].join("");
        return name + drawRow(row, { metric, y, x: frame.x, isShare, seeds: seeds[index] ?? [] });
      }),
      text(
        2,
        area.top + area.height + bottomMargin + 7,
        "point: mean · line: 95 % interval over seeds (Student’s t) · circles: seeds",
        {
          size: 7,
          color: paleInk,
        },
      ),
    ],
  };
}

function drawRow(
  row: ConfigurationRow,
  {
    metric,
    y,
    x,
    isShare,
    seeds,
  }: {
    readonly metric: MetricName;
    readonly y: number;
    readonly x: (value: number) => number;
    readonly isShare: boolean;
    readonly seeds: readonly number[];
  },
): string {
  const [low, high] = intervalOf(row, metric, isShare);
  return [
    ...(low === undefined || high === undefined
      ? []
      : [line([x(low), y], [x(high), y], { stroke: meanColor, width: 1.4 })]),
    ...seeds.map((value) => marker("circle", [x(value), y], 2, { fill: "#ffffff", stroke: "#7f7f7f", width: 0.7 })),
    marker("circle", [x(row.metrics[metric]?.mean ?? NaN), y], 2.6, { fill: meanColor }),
  ].join("");
}

/** A share has no values outside of 0…1, whatever its interval says. */
function intervalOf(row: ConfigurationRow, metric: MetricName, isShare: boolean): readonly number[] {
  const interval = row.metrics[metric]?.interval;
  if (interval === undefined) return [];
  return isShare ? [Math.max(0, interval.low), Math.min(1, interval.high)] : [interval.low, interval.high];
}

function seedValues(
  { trials, topK = 0 }: Comparison,
  { configurationId }: ConfigurationRow,
  key: MetricName,
): number[] {
  return trials
    .filter((trial) => trial.configurationId === configurationId && trial.state === "finished")
    .map((trial) => trialFigure(trial, { key, topK }))
    .filter((value) => value !== null);
}
