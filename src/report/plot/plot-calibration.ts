import type { Calibration } from "../../compare/calibration-of.ts";
import { percent } from "../number-formats.ts";
import { linearAxis } from "./axis.ts";
import { bottomMargin, drawFrame, drawHeading, leftMargin, type Frame } from "./frame.ts";
import { drawLegend } from "./legend.ts";
import { seriesStyle } from "./palette.ts";
import { line, marker, paleInk, polyline, text, type Drawing } from "./svg.ts";

/** The reliability curve of a trial, or of the seeds of a configuration together. */
export interface CalibrationSeries {
  readonly name: string;
  readonly calibration: Calibration;
}

const shares = [0, 1];
const key = "dashed: right as often as claimed · the larger a marker, the more test examples";

/**
 * Reliability curves: how often predictions are right that claim to be right with a certain probability. The interval
 * of each point is drawn where it is known and does not hide other curves: a single curve of a single trial.
 * @param series best first, at least one and at most as many as can be told apart
 */
export function plotCalibration(
  series: readonly CalibrationSeries[],
  { subtitle, width }: { readonly subtitle: string; readonly width: number },
): Drawing {
  const vertical = linearAxis("share that is right (%)", shares, { isPercent: true });
  const horizontal = linearAxis("probability of the predicted class (%)", shares, { isPercent: true });
  const heading = drawHeading("Calibration", [subtitle], width);
  const left = leftMargin(vertical);
  const area = { left, top: heading.height, width: width - left - 8, height: 0.7 * width };
  const frame = drawFrame(area, horizontal, vertical);
  const below = area.top + area.height + bottomMargin + 2;
  const legend = drawLegend(series.map(nameOf), { left, top: below, width: area.width });
  return {
    width,
    height: below + legend.height + 13,
    title: "Calibration on the test examples",
    description: `Expected calibration error: ${series.map(nameOf).join("; ")}.`,
    content: [
      ...heading.content,
      ...frame.content,
      line([frame.x(0), frame.y(0)], [frame.x(1), frame.y(1)], { stroke: paleInk, width: 0.7, dash: "3 2" }),
      ...series.map((own, index) => drawCurve(frame, own, { index, hasIntervals: series.length === 1 })),
      ...legend.content,
      text(2, below + legend.height + 8, key, { size: 7, color: paleInk }),
    ],
  };
}

function nameOf({ name, calibration }: CalibrationSeries): string {
  return `${name}: calibration error ${percent(calibration.expectedCalibrationError)}`;
}

function drawCurve(
  { x, y }: Frame,
  { calibration: { bins } }: CalibrationSeries,
  { index, hasIntervals }: { readonly index: number; readonly hasIntervals: boolean },
): string {
  const { color, dash, marker: shape } = seriesStyle(index);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const points = bins.map(({ meanConfidence, accuracy }) => [x(meanConfidence), y(accuracy)] as const);
  const intervals = bins.map(({ meanConfidence, interval }) =>
    interval === undefined || !hasIntervals
      ? ""
      : line([x(meanConfidence), y(interval.low)], [x(meanConfidence), y(interval.high)], {
          stroke: color,
          width: 0.7,
        }),
  );
  return [
    ...intervals,
    polyline(points, { stroke: color, width: 1.2, ...(dash && { dash }) }),
    ...bins.map(({ meanConfidence, accuracy, count }) =>
      marker(shape, [x(meanConfidence), y(accuracy)], 1.4 + 3 * Math.sqrt(count / total), { fill: color }),
    ),
  ].join("");
}
