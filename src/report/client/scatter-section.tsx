import { useCallback, useMemo } from "preact/hooks";
import { Select, Toggles } from "./choice.tsx";
import { categoriesOf, type Dimension } from "./dimensions.ts";
import { setFilter } from "./filters.ts";
import { dimensionOf, type Model } from "./model.ts";
import { colouredEntries, colourNumbers, hovered, picks, togglePick } from "./picks.ts";
import { axisScale, scaleOf } from "./plot/axis.ts";
import { Chart, type ChartAxis, type ChartPoint, type ChartRange, type Frame } from "./plot/chart.tsx";
import { frontOf } from "./pareto.ts";
import { TableBelow } from "./table-below.tsx";
import { seriesColor, themeColors } from "./theme-colors.ts";
import { flagState, textState } from "./view-state.ts";

const chartHeight = 420;

const xKey = textState("sx");
const yKey = textState("sy");
const isLogX = flagState("slx");
const isLogY = flagState("sly");

/** A configuration as a point. */
interface Point {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** Any two dimensions against each other, with the configurations that nothing beats in both. */
export function ScatterSection({ model }: { readonly model: Model }) {
  const x = dimensionOf(model, xKey.value) ?? firstX(model);
  const y = dimensionOf(model, yKey.value) ?? firstY(model);
  if (!x || !y) return null;
  return <Scatter model={model} x={x} y={y} />;
}

function firstX(model: Model): Dimension | undefined {
  return dimensionOf(model, "cost") ?? dimensionOf(model, "seconds") ?? model.dimensions[0];
}

function firstY(model: Model): Dimension | undefined {
  const { rankedBy } = model.data.comparison;
  return dimensionOf(model, rankedBy?.metric ?? "testAccuracy") ?? model.dimensions.at(-1);
}

interface ScatterProps {
  readonly model: Model;
  readonly x: Dimension;
  readonly y: Dimension;
}

function Scatter({ model, x, y }: ScatterProps) {
  const shown = model.shown.value;
  const points = useMemo(() => pointsOf(shown, x, y), [shown, x, y]);
  const front = useMemo(() => frontOf(model, x, y), [model, x, y]);
  const options = model.dimensions.map(({ key, label }) => ({ value: key, label }));
  return (
    <>
      <div class="controls">
        <Select label="Across" value={x.key} options={options} onChange={(key) => (xKey.value = key)} />
        <Select label="Up" value={y.key} options={options} onChange={(key) => (yKey.value = key)} />
        <Toggles
          label="Logarithmic"
          chosen={[...(isLogX.value ? ["x"] : []), ...(isLogY.value ? ["y"] : [])]}
          options={[
            { value: "x", label: "across" },
            { value: "y", label: "up" },
          ]}
          onChange={(next) => {
            isLogX.value = next.includes("x");
            isLogY.value = next.includes("y");
          }}
        />
      </div>
      <ScatterChart model={model} x={x} y={y} points={points} front={front} />
      <TableBelow
        name="scatter plot"
        caption={front.length > 0 ? "Configurations on the front first, then the others by rank" : "By rank"}
        columns={["configuration", x.label, y.label, "on the front"]}
        rows={() => tableRows(model, x, y, front)}
      />
    </>
  );
}

function tableRows(model: Model, x: Dimension, y: Dimension, front: readonly number[]): string[][] {
  const others = model.shown.value.filter((index) => !front.includes(index));
  return [...front, ...others].map((index, place) => [
    model.entries[index]?.label ?? "",
    x.format(x.values[index] ?? null),
    y.format(y.values[index] ?? null),
    place < front.length ? "yes" : "",
  ]);
}

function pointsOf(shown: readonly number[], x: Dimension, y: Dimension): Point[] {
  const placeOf = (dimension: Dimension): ((index: number) => number) => {
    if (dimension.kind === "number") return (index) => Number(dimension.values[index] ?? NaN);
    const places = new Map(categoriesOf(dimension).map((category, place) => [category, place]));
    return (index) => places.get(String(dimension.values[index] ?? "–")) ?? NaN;
  };
  const [xOf, yOf] = [placeOf(x), placeOf(y)];
  return shown.flatMap((index) => {
    const point = { index, x: xOf(index), y: yOf(index) };
    return Number.isFinite(point.x) && Number.isFinite(point.y) ? [point] : [];
  });
}

function chartAxis(dimension: Dimension, values: readonly number[], isLogarithmic: boolean): ChartAxis {
  if (dimension.kind === "number") {
    const isLog = isLogarithmic && (dimension.extent?.[0] ?? 0) > 0;
    return { scale: scaleOf(values, isLog, 0.06), label: dimension.label, format: dimension.format };
  }
  const categories = categoriesOf(dimension);
  return {
    scale: axisScale(-0.5, categories.length - 0.5, false),
    label: dimension.label,
    format: (value) => categories[value] ?? "",
    ticks: [...categories.keys()],
  };
}

interface ScatterChartProps extends ScatterProps {
  readonly points: readonly Point[];
  readonly front: readonly number[];
}

/** Farther from a point than this, nothing is pointed at. */
const reach = 14;

function ScatterChart({ model, x, y, points, front }: ScatterChartProps) {
  const colors = themeColors.value;
  const coloured = colourNumbers(picks.value.length > 0 ? colouredEntries(model) : []);
  const axes = useMemo(
    () => ({
      x: chartAxis(
        x,
        points.map((point) => point.x),
        isLogX.value,
      ),
      y: chartAxis(
        y,
        points.map((point) => point.y),
        isLogY.value,
      ),
    }),
    [x, y, points, isLogX.value, isLogY.value],
  );
  const pointed = hovered.value;
  const draw = useCallback(
    (frame: Frame) => {
      const onFront = new Set(front);
      drawFront(
        frame,
        points.filter(({ index }) => onFront.has(index)),
      );
      frame.context.globalAlpha = Math.max(0.15, Math.min(0.8, 400 / Math.max(1, points.length)));
      frame.context.fillStyle = colors.muted;
      for (const point of points) drawDot(frame, point, 3);
      frame.context.globalAlpha = 1;
      for (const point of points) {
        const number = coloured.get(point.index);
        frame.context.fillStyle = number === undefined ? colors.accent : seriesColor(colors, number);
        if (number !== undefined) drawDot(frame, point, 6);
        else if (onFront.has(point.index)) drawDot(frame, point, 4.5);
        if (point.index === pointed) drawRing(frame, point);
      }
    },
    [points, front, colors, [...coloured.keys()].join(), pointed],
  );
  const find = (at: ChartPoint): number | null => nearestPoint(points, at, axes);
  const entry = model.entries[pointed ?? -1];
  return (
    <figure class="card chart">
      <Chart
        height={chartHeight}
        label={`${y.label} against ${x.label}; the figures are in the table below`}
        x={axes.x}
        y={axes.y}
        draw={draw}
        onPoint={(at) => (hovered.value = at === null ? null : find(at))}
        onClick={(at) => {
          const found = model.entries[find(at) ?? -1];
          if (found) togglePick(found);
        }}
        onRange={(range) => brush(x, y, range)}
      />
      <figcaption class="readout idle" aria-live="polite">
        {entry
          ? `${entry.label}: ${x.label} ${x.format(x.values[entry.index] ?? null)}, ${y.label} ${y.format(y.values[entry.index] ?? null)}`
          : "Point at a dot; click to pick it; drag a rectangle to filter all views by it."}
        {front.length > 0 && " The line joins the configurations that nothing beats in both."}
      </figcaption>
    </figure>
  );
}

function brush(x: Dimension, y: Dimension, range: ChartRange): void {
  for (const [dimension, [low, high]] of [
    [x, range.x],
    [y, range.y],
  ] as const) {
    if (dimension.kind === "number") {
      setFilter(dimension.key, { type: "range", low: rounded(low), high: rounded(high) });
      continue;
    }
    const values = categoriesOf(dimension).filter((_, place) => place >= low && place <= high);
    setFilter(dimension.key, { type: "any", values });
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

function drawDot({ context, x, y }: Frame, point: Point, radius: number): void {
  context.beginPath();
  context.arc(x(point.x), y(point.y), radius, 0, 7);
  context.fill();
}

function drawRing({ context, x, y, colors }: Frame, point: Point): void {
  context.strokeStyle = colors.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x(point.x), y(point.y), 8, 0, 7);
  context.stroke();
}

function drawFront({ context, x, y, colors }: Frame, points: readonly Point[]): void {
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const point of [...points].sort((a, b) => a.x - b.x)) context.lineTo(x(point.x), y(point.y));
  context.stroke();
}

function nearestPoint(
  points: readonly Point[],
  at: ChartPoint,
  { x, y }: { readonly x: ChartAxis; readonly y: ChartAxis },
): number | null {
  let nearest: number | null = null;
  let distance = reach;
  for (const point of points) {
    const across = x.scale.at(point.x) * at.width - at.pixelX;
    const up = (1 - y.scale.at(point.y)) * at.height - at.pixelY;
    const own = Math.hypot(across, up);
    if (own < distance) {
      distance = own;
      nearest = point.index;
    }
  }
  return nearest;
}
