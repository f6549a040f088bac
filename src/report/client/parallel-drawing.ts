import { categoriesOf, type Dimension, type DimensionValue } from "./dimensions.ts";
import { axisScale, scaleOf, ticksOf, type AxisScale } from "./plot/axis.ts";
import { seriesColor, type ThemeColors } from "./theme-colors.ts";

/** An axis of parallel coordinates. */
export interface ParallelAxis {
  readonly dimension: Dimension;
  readonly scale: AxisScale;
  /** 0…1 from the bottom for each configuration; NaN if it has no value. */
  readonly places: Float32Array;
  /** Where something is written. */
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
  /** Of a category: its values from the bottom. */
  readonly categories?: readonly string[];
}

/** Room around the lines, in CSS pixels. */
export const parallelMargin = { left: 70, right: 70, top: 58, bottom: 18 };

/** The axes for some dimensions. @param logarithmic keys of those with a logarithmic axis */
export function axesFor(dimensions: readonly Dimension[], logarithmic: readonly string[]): ParallelAxis[] {
  return dimensions.map((dimension) =>
    dimension.kind === "category"
      ? categoryAxis(dimension)
      : numberAxis(dimension, logarithmic.includes(dimension.key) && (dimension.extent?.[0] ?? 0) > 0),
  );
}

function categoryAxis(dimension: Dimension): ParallelAxis {
  const categories = categoriesOf(dimension);
  const scale = axisScale(-0.5, Math.max(0, categories.length - 1) + 0.5, false);
  const positions = new Map(categories.map((category, index) => [category, scale.at(index)]));
  return {
    dimension,
    scale,
    categories,
    places: Float32Array.from(dimension.values, (value) => positions.get(value === null ? "–" : String(value)) ?? NaN),
    ticks: categories.map((text, index) => ({ place: scale.at(index), text })),
  };
}

function numberAxis(dimension: Dimension, isLogarithmic: boolean): ParallelAxis {
  const scale = scaleOf(dimension.extent ?? [0, 1], isLogarithmic, 0.02);
  const place = (value: DimensionValue): number => (typeof value === "number" ? scale.at(value) : NaN);
  return {
    dimension,
    scale,
    places: Float32Array.from(dimension.values, place),
    ticks: (sweptTicks(dimension, scale) ?? ticksOf(scale, 6)).map((tick) => ({
      place: scale.at(tick),
      text: dimension.format(tick),
    })),
  };
}

/** More can't be told apart. */
const mostSweptTicks = 8;
/** Of the axis: nearer ones would run into each other. */
const leastTickDistance = 0.05;

/** The values of a parameter themselves, where they are few enough to be written. */
function sweptTicks({ group, values }: Dimension, { at }: AxisScale): number[] | undefined {
  const swept = new Set(values.filter((value) => typeof value === "number" && Number.isFinite(at(value))));
  if (group !== "parameter" || swept.size > mostSweptTicks) return undefined;
  const ascending = [...swept].map(Number).sort((a, b) => a - b);
  const isApart = ascending.every(
    (value, index) => index === 0 || at(value) - at(ascending[index - 1] ?? 0) > leastTickDistance,
  );
  return isApart ? ascending : undefined;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The pixel of the axis with a number. */
export function axisX(index: number, count: number, width: number): number {
  const inner = width - parallelMargin.left - parallelMargin.right;
  return parallelMargin.left + (count < 2 ? inner / 2 : (index * inner) / (count - 1));
}

function axisY(place: number, height: number): number {
  return parallelMargin.top + (1 - place) * (height - parallelMargin.top - parallelMargin.bottom);
}

interface ParallelInput extends Size {
  readonly axes: readonly ParallelAxis[];
  /** Configurations that pass the filters, best first. */
  readonly shown: readonly number[];
  readonly colors: ThemeColors;
  readonly picked: readonly number[];
  readonly pointed: number | null;
  /** So many of the best are in colour; 0 = all, by their rank. */
  readonly top: number;
  /** Of all configurations. */
  readonly count: number;
}

/** Draws the lines, the worst first, and the axes above them. */
export function drawParallel(context: CanvasRenderingContext2D, input: ParallelInput): void {
  const { axes, shown, colors, picked, pointed, top } = input;
  const alpha = Math.max(0.04, Math.min(0.75, 60 / Math.max(1, shown.length)));
  const [best, worst] = [colors.accent, colors.muted];
  const buckets = top > 0 ? 1 : 24;
  for (let bucket = buckets - 1; bucket >= 0; bucket--) {
    const from = Math.floor((bucket * shown.length) / buckets);
    const to = Math.floor(((bucket + 1) * shown.length) / buckets);
    context.strokeStyle = top > 0 ? worst : mix(best, worst, bucket / Math.max(1, buckets - 1));
    context.globalAlpha = top > 0 ? alpha * 0.5 : alpha * (1.3 - bucket / buckets);
    context.lineWidth = 1;
    strokeLines(context, input, shown.slice(from, to));
  }
  if (top > 0) emphasise(context, input, shown.slice(0, top), colors.accent, 1.6);
  picked.forEach((index, number) => emphasise(context, input, [index], seriesColor(colors, number), 2.4));
  if (pointed !== null) emphasise(context, input, [pointed], colors.ink, 2.4);
  context.globalAlpha = 1;
  drawParallelAxes(context, axes, input);
}

function emphasise(
  context: CanvasRenderingContext2D,
  input: ParallelInput,
  indices: readonly number[],
  color: string,
  width: number,
): void {
  context.globalAlpha = 0.9;
  context.strokeStyle = color;
  context.lineWidth = width;
  strokeLines(context, input, indices);
}

function strokeLines(
  context: CanvasRenderingContext2D,
  { axes, width, height }: ParallelInput,
  indices: readonly number[],
): void {
  const xs = axes.map((_, index) => axisX(index, axes.length, width));
  context.beginPath();
  for (const index of indices) {
    let isDown = false;
    axes.forEach(({ places }, axis) => {
      const place = places[index] ?? NaN;
      const x = xs[axis] ?? 0;
      if (Number.isFinite(place) && isDown) context.lineTo(x, axisY(place, height));
      else if (Number.isFinite(place)) context.moveTo(x, axisY(place, height));
      isDown = Number.isFinite(place);
    });
  }
  context.stroke();
}

function drawParallelAxes(
  context: CanvasRenderingContext2D,
  axes: readonly ParallelAxis[],
  input: ParallelInput,
): void {
  const { width, height, colors } = input;
  context.font = `12px ${colors.font}`;
  context.textBaseline = "middle";
  context.lineWidth = 1;
  axes.forEach(({ ticks }, index) => {
    const x = Math.round(axisX(index, axes.length, width)) + 0.5;
    context.strokeStyle = colors.muted;
    context.beginPath();
    context.moveTo(x, axisY(0, height));
    context.lineTo(x, axisY(1, height));
    context.stroke();
    context.textAlign = index === axes.length - 1 ? "left" : "right";
    const side = index === axes.length - 1 ? 6 : -6;
    for (const { place, text } of ticks) {
      const short = text.length > 14 ? `${text.slice(0, 13)}…` : text;
      context.strokeStyle = colors.surface;
      context.lineWidth = 3;
      context.strokeText(short, x + side, axisY(place, height));
      context.lineWidth = 1;
      context.fillStyle = colors.ink;
      context.fillText(short, x + side, axisY(place, height));
    }
  });
}

/** Farther from a line than this, nothing is pointed at. */
const reach = 8;

/** The configuration whose line is nearest to a point, or null. */
export function nearestLine(
  axes: readonly ParallelAxis[],
  shown: readonly number[],
  size: Size,
  at: { readonly x: number; readonly y: number },
): number | null {
  const left = axes.findLastIndex((_, index) => axisX(index, axes.length, size.width) <= at.x);
  const [from, to] = [axes[left], axes[left + 1]];
  if (!from || !to) return null;
  const x = axisX(left, axes.length, size.width);
  const share = (at.x - x) / (axisX(left + 1, axes.length, size.width) - x);
  let nearest: number | null = null;
  let distance = reach;
  for (const index of shown) {
    const place = (from.places[index] ?? NaN) * (1 - share) + (to.places[index] ?? NaN) * share;
    const own = Math.abs(axisY(place, size.height) - at.y);
    if (own < distance) {
      distance = own;
      nearest = index;
    }
  }
  return nearest;
}

/** A colour between two, both `#rrggbb`. @param share 0 = the first */
export function mix(first: string, second: string, share: number): string {
  const channel = (color: string, index: number): number =>
    Number.parseInt(color.slice(1 + 2 * index, 3 + 2 * index), 16);
  const mixed = [0, 1, 2].map((index) =>
    Math.round(channel(first, index) * (1 - share) + channel(second, index) * share),
  );
  return `rgb(${mixed.join(" ")})`;
}
