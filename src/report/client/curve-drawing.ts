import type { CurveLine } from "./curve-lines.ts";
import type { Frame } from "./plot/chart.tsx";

/** How a line is drawn. */
export interface LineStyle {
  readonly color: string;
  readonly isSmoothed: boolean;
  /** Whether another line is pointed at. */
  readonly isFaded: boolean;
}

/** Draws a band from the lowest to the highest seed, the mean, and where it is smoothed the raw mean as a ghost. */
export function drawCurveLine(frame: Frame, line: CurveLine, { color, isSmoothed, isFaded }: LineStyle): void {
  const { context } = frame;
  context.globalAlpha = isFaded ? 0.25 : 1;
  context.fillStyle = `${color}26`;
  drawBand(frame, line);
  context.strokeStyle = color;
  context.lineJoin = "round";
  if (isSmoothed) {
    context.globalAlpha *= 0.3;
    drawStroke(frame, line.x, line.curve.mean, 1);
    context.globalAlpha = isFaded ? 0.25 : 1;
  }
  context.setLineDash([...line.dash]);
  drawStroke(frame, line.x, line.smooth, 2);
  context.setLineDash([]);
  if (line.x.length < 40) drawDots(frame, line, color);
  context.globalAlpha = 1;
}

function drawBand(frame: Frame, { x, curve }: CurveLine): void {
  const known = x.flatMap((value, index) => (Number.isFinite(frame.x(value)) ? [index] : []));
  if (curve.seedCounts.every((count) => count < 2) || known.length === 0) return;
  const { context } = frame;
  const place = (index: number, values: readonly number[]): readonly [number, number] => [
    frame.x(x[index] ?? 0),
    // What a logarithmic axis can't show lies below everything.
    finiteOr(frame.y(values[index] ?? 0), frame.top + frame.height + 9),
  ];
  context.beginPath();
  for (const index of known) context.lineTo(...place(index, curve.max));
  for (const index of known.toReversed()) context.lineTo(...place(index, curve.min));
  context.fill();
}

function finiteOr(value: number, other: number): number {
  return Number.isFinite(value) ? value : other;
}

function drawStroke(frame: Frame, x: readonly number[], values: readonly number[], width: number): void {
  const { context } = frame;
  context.lineWidth = width;
  context.beginPath();
  let isDown = false;
  x.forEach((value, index) => {
    const at = [frame.x(value), frame.y(values[index] ?? Number.NaN)] as const;
    const isKnown = Number.isFinite(at[0]) && Number.isFinite(at[1]);
    if (isKnown && isDown) context.lineTo(...at);
    else if (isKnown) context.moveTo(...at);
    isDown = isKnown;
  });
  context.stroke();
}

function drawDots(frame: Frame, { x, smooth }: CurveLine, color: string): void {
  const { context } = frame;
  context.fillStyle = color;
  x.forEach((value, index) => {
    context.beginPath();
    context.arc(frame.x(value), frame.y(smooth[index] ?? Number.NaN), 2.4, 0, 7);
    context.fill();
  });
}

/** The position of a line that is nearest to a place on the axis; -1 if it has none. */
export function nearestIndex(x: readonly number[], value: number): number {
  let nearest = -1;
  let distance = Infinity;
  x.forEach((candidate, index) => {
    const own = Math.abs(candidate - value);
    if (own < distance) {
      nearest = index;
      distance = own;
    }
  });
  return nearest;
}
