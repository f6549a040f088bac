import type { ConfigurationRow, MetricSummary, TrialRow } from "../../compare/comparison.ts";
import { trialFigure } from "../figures.ts";
import type { Scale } from "./interval-scale.ts";

const width = 176;
const height = 20;

interface IntervalProps {
  readonly row: ConfigurationRow;
  readonly trials: readonly TrialRow[];
  readonly scale: Scale;
}

/** The 95 % interval of the mean as a bar, the mean as a line, the seeds as dots; an arrow if outside the scale. */
export function Interval({ row, trials, scale }: IntervalProps) {
  const { figure, low, high } = scale;
  const summary = figure.key === "seconds" ? undefined : row.metrics[figure.key];
  if (!summary) return null;
  const at = (value: number): number =>
    high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) * width : width / 2;
  const isInside = (value: number): boolean => value >= low && value <= high;
  const seeds = trials.flatMap(({ seed, ...trial }) => {
    const value = trialFigure({ seed, ...trial }, figure);
    return value !== null && isInside(value) ? [{ seed, value }] : [];
  });
  return (
    <svg class="interval" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describeInterval(summary, scale)}>
      <line class="track" x1={0} x2={width} y1={height / 2} y2={height / 2} />
      {summary.interval && (
        <rect
          class="bar"
          x={at(summary.interval.low)}
          y={4}
          width={Math.max(1, at(summary.interval.high) - at(summary.interval.low))}
          height={height - 8}
          rx={2}
        />
      )}
      {isInside(summary.mean) ? (
        <line class="mean" x1={at(summary.mean)} x2={at(summary.mean)} y1={2} y2={height - 2} />
      ) : (
        <path class="outside" d={summary.mean < low ? "M8 4 L1 10 L8 16 Z" : "M168 4 L175 10 L168 16 Z"} />
      )}
      {seeds.map(({ seed, value }) => (
        <circle key={seed} class="seed" cx={at(value)} cy={height / 2} r={2.2} />
      ))}
    </svg>
  );
}

function describeInterval({ interval }: MetricSummary, { figure }: Scale): string {
  return interval
    ? `${figure.format(interval.low)} to ${figure.format(interval.high)}`
    : "no interval: fewer than two seeds";
}
