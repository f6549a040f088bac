import { useCallback, useMemo } from "preact/hooks";
import { grouped, percent } from "../number-formats.ts";
import type { CalibrationBin, TrialCalibration } from "../report-data.ts";
import { trialAt, type Entry, type Model } from "./model.ts";
import { colouredEntries, colourNumbers, hovered, picks } from "./picks.ts";
import { axisScale } from "./plot/axis.ts";
import { Chart, type Frame } from "./plot/chart.tsx";
import { TableBelow } from "./table-below.tsx";
import { seriesColor, themeColors } from "./theme-colors.ts";

const chartHeight = 400;
/** The intervals of more curves than this hide each other. */
const maxIntervals = 3;
const whole = (share: number): string => `${Math.round(share * 100)} %`;

/** The curve of one trial with its configuration. */
interface DrawnCurve extends TrialCalibration {
  readonly entry: Entry;
}

/** How often predictions are right that claim to be right with a certain probability. */
export function CalibrationSection({ model }: { readonly model: Model }) {
  const entries = useMemo(() => colouredEntries(model), [model, picks.value, model.shown.value]);
  const curves = useMemo(() => curvesOf(model, entries), [model, entries]);
  const colors = themeColors.value;
  const pointed = hovered.value;
  const axes = useMemo(() => {
    const scale = axisScale(0, 1, false);
    return {
      x: { scale, label: "probability of the predicted class", format: whole },
      y: { scale: axisScale(0, 1.02, false), label: "share that is right", format: whole },
    };
  }, []);
  const draw = useCallback(
    (frame: Frame) => {
      drawDiagonal(frame);
      const numbers = colourNumbers(entries);
      const drawn = bestSeeds(model, curves);
      for (const { entry, bins } of drawn) {
        frame.context.globalAlpha = pointed !== null && numbers.has(pointed) && pointed !== entry.index ? 0.2 : 0.9;
        const isAlone = drawn.length <= maxIntervals || pointed === entry.index;
        drawCurve(frame, bins, { color: seriesColor(colors, numbers.get(entry.index) ?? 0), hasIntervals: isAlone });
      }
      frame.context.globalAlpha = 1;
    },
    [curves, colors, pointed],
  );
  if (curves.length === 0)
    return <p class="hint">The chosen configurations have none in this report: it holds those of the best trials.</p>;
  return (
    <>
      <figure class="card chart">
        <Chart
          height={chartHeight}
          label="share of right predictions against their probability; the figures are in the table below"
          {...axes}
          draw={draw}
        />
        <figcaption class="legend">
          {entries.map((entry) => (
            <span
              key={entry.index}
              class="legend-item"
              style={{ "--series": `var(--series-${colourNumbers(entries).get(entry.index) ?? 0})` }}
              onMouseEnter={() => (hovered.value = entry.index)}
              onMouseLeave={() => (hovered.value = null)}
            >
              <span class="swatch" />
              {entry.label}
            </span>
          ))}
        </figcaption>
      </figure>
      <TableBelow
        name="calibration"
        caption="Test examples by the probability of the predicted class"
        columns={["trial", "probability", "examples", "mean probability", "right", "95 % interval"]}
        rows={() => curves.flatMap((curve) => tableRows(model, curve))}
      />
    </>
  );
}

function curvesOf({ data }: Model, entries: readonly Entry[]): DrawnCurve[] {
  const byTrial = new Map((data.calibrations ?? []).map((calibration) => [calibration.trial, calibration]));
  return entries.flatMap((entry) =>
    entry.trials.flatMap((trial) => {
      const found = byTrial.get(trial);
      return found ? [{ ...found, entry }] : [];
    }),
  );
}

/** One curve a configuration, or nobody could tell them apart. */
function bestSeeds(model: Model, curves: readonly DrawnCurve[]): DrawnCurve[] {
  return curves.filter(
    ({ entry, trial }) => entry.row.metrics.testAccuracy?.best.trialId === trialAt(model, trial).trialId,
  );
}

function tableRows(model: Model, { entry, trial, bins }: DrawnCurve): string[][] {
  return bins.map(({ low, high, count, meanConfidence, accuracy, interval }) => [
    `${entry.label} · seed ${trialAt(model, trial).seed}`,
    `${percent(low)} to ${percent(high)}`,
    grouped(count),
    percent(meanConfidence),
    percent(accuracy),
    `${percent(interval.low)} to ${percent(interval.high)}`,
  ]);
}

function drawDiagonal({ context, colors, x, y }: Frame): void {
  context.strokeStyle = colors.muted;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(x(0), y(0));
  context.lineTo(x(1), y(1));
  context.stroke();
  context.setLineDash([]);
}

/** Dots as large as their share of the examples, with their intervals. */
function drawCurve(
  { context, x, y }: Frame,
  bins: readonly CalibrationBin[],
  { color, hasIntervals }: { readonly color: string; readonly hasIntervals: boolean },
): void {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const { meanConfidence, accuracy } of bins) context.lineTo(x(meanConfidence), y(accuracy));
  context.stroke();
  context.lineWidth = 1;
  for (const { meanConfidence, accuracy, interval, count } of bins) {
    if (hasIntervals) {
      context.beginPath();
      context.moveTo(x(meanConfidence), y(interval.low));
      context.lineTo(x(meanConfidence), y(interval.high));
      context.stroke();
    }
    context.beginPath();
    context.arc(x(meanConfidence), y(accuracy), 1.5 + 6 * Math.sqrt(count / total), 0, 7);
    context.fill();
  }
}
