import { useSignal, type Signal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { figureOf } from "../figures.ts";
import { duration, grouped, short } from "../number-formats.ts";
import { Choice, Toggles } from "./choice.tsx";
import { drawCurveLine } from "./curve-drawing.ts";
import { CurveKey, CurveLegend } from "./curve-legend.tsx";
import {
  curveAxes,
  curveLines,
  parts,
  quantities,
  type CurveAxis,
  type CurveChoice,
  type CurveLine,
} from "./curve-lines.ts";
import { CurveTable } from "./curve-table.tsx";
import { usd } from "./dimensions.ts";
import type { Entry, Model } from "./model.ts";
import { colouredEntries, colourNumbers, hovered, picks } from "./picks.ts";
import { axisScale, scaleOf, type AxisScale } from "./plot/axis.ts";
import { Chart, type ChartRange, type Frame } from "./plot/chart.tsx";
import { seriesColor, themeColors } from "./theme-colors.ts";
import { choiceState, flagState, listState, numberState } from "./view-state.ts";

const chartHeight = 380;

const quantity = choiceState("curve", quantities, "Loss");
const shownParts = listState("of", ["validation", "train"]);
const axis = choiceState<CurveAxis>("over", curveAxes, "epoch");
const isLogX = flagState("logx");
const isLogY = flagState("logy");
const smoothing = numberState("smooth", 0);

/** Loss and accuracy over epochs, steps, time or cost. */
export function CurvesSection({ model }: { readonly model: Model }) {
  const entries = useMemo(() => colouredEntries(model), [model, picks.value, model.shown.value]);
  useEffect(() => {
    const trials = entries.flatMap((entry) => entry.trials);
    model.curves.ask(trials);
    if (axis.value === "step") model.stepLogs.ask(trials);
  }, [model, entries, axis.value]);
  const choice: CurveChoice = {
    quantity: quantity.value,
    parts: shownParts.value,
    axis: axis.value,
    smoothing: smoothing.value,
    pricePerHour: model.data.costs.pricePerHour,
  };
  const curves = model.curves.parts.value;
  const stepLogs = model.stepLogs.parts.value;
  const lines = useMemo(
    () => entries.flatMap((entry) => curveLines(entry, { curves, stepLogs }, choice)),
    [entries, curves, stepLogs, ...Object.values(choice)],
  );
  const at = useSignal<number | null>(null);
  const { format } = figureOf(quantity.value === "Loss" ? "trainLoss" : "trainAccuracy");
  return (
    <>
      <CurveControls hasCost={model.data.costs.pricePerHour !== undefined} />
      {[model.curves, model.stepLogs].map(
        ({ problem }) => problem.value !== "" && <p class="problem">{problem.value}</p>,
      )}
      <figure class="card chart">
        <CurveChart lines={lines} entries={entries} at={at} />
        <figcaption>
          <CurveKey shown={shownParts.value} at={at.value === null ? null : formatAxis(axis.value, at.value)} />
          <CurveLegend model={model} entries={entries} lines={lines} at={at.value} format={format} />
        </figcaption>
      </figure>
      <CurveTable lines={lines} quantity={quantity.value} axis={axis.value} format={format} />
    </>
  );
}

interface CurveChartProps {
  readonly lines: readonly CurveLine[];
  readonly entries: readonly Entry[];
  readonly at: Signal<number | null>;
}

function CurveChart({ lines, entries, at }: CurveChartProps) {
  const zoom = useSignal<ChartRange | null>(null);
  const colors = themeColors.value;
  const pointed = hovered.value;
  const axes = useMemo(() => axesOf(lines, zoom.value), [lines, zoom.value, isLogX.value, isLogY.value]);
  const isSmoothed = smoothing.value > 0;
  const draw = useCallback(
    (frame: Frame) => {
      const numbers = colourNumbers(entries);
      for (const line of lines) {
        const { index } = line.entry;
        const isFaded = pointed !== null && numbers.has(pointed) && pointed !== index;
        drawCurveLine(frame, line, { color: seriesColor(colors, numbers.get(index) ?? 0), isSmoothed, isFaded });
      }
      if (at.value !== null) drawCursor(frame, at.value);
    },
    [lines, colors, pointed, isSmoothed, at.value],
  );
  const step = (by: number): void => {
    const places = [...new Set(lines.flatMap(({ x }) => x))].filter(Number.isFinite).sort((a, b) => a - b);
    const now = at.value === null ? -1 : places.findIndex((place) => place >= (at.value ?? 0));
    at.value = places[Math.min(places.length - 1, Math.max(0, now + by))] ?? null;
  };
  return (
    <Chart
      height={chartHeight}
      label={`${quantity.value.toLowerCase()} over ${axisLabels[axis.value]}; arrow keys move through it, the figures are in the table below`}
      {...axes}
      draw={draw}
      onPoint={(point) => (at.value = point === null ? null : point.x)}
      onRange={(range) => (zoom.value = range)}
      onDoubleClick={() => (zoom.value = null)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (event.key === "Escape") zoom.value = null;
        if (by === undefined) return;
        event.preventDefault();
        step(by);
      }}
    />
  );
}

function drawCursor({ context, colors, x, top, height }: Frame, at: number): void {
  context.strokeStyle = colors.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x(at), top);
  context.lineTo(x(at), top + height);
  context.stroke();
}

const axisLabels: Readonly<Record<CurveAxis, string>> = {
  epoch: "epoch",
  step: "optimizer steps",
  time: "training time",
  cost: "cost",
};

function axesOf(lines: readonly CurveLine[], zoom: ChartRange | null) {
  const scale = (own: readonly [number, number] | undefined, values: number[], isLog: boolean): AxisScale =>
    own === undefined ? scaleOf(values, isLog, isLog ? 0.02 : 0.03) : axisScale(...own, isLog);
  const x = scale(
    zoom?.x,
    lines.flatMap((line) => line.x),
    isLogX.value,
  );
  const y = scale(
    zoom?.y,
    lines.flatMap(({ curve }) => [...curve.min, ...curve.max]),
    isLogY.value,
  );
  const shown = axis.value;
  return {
    x: {
      scale: x,
      label: axisLabels[shown],
      isWhole: shown === "epoch" || shown === "step",
      format: (value: number) => formatAxis(shown, value),
    },
    y: {
      scale: y,
      label: quantity.value.toLowerCase(),
      format: quantity.value === "Loss" ? short : (share: number) => `${short(share * 100)} %`,
    },
  };
}

function formatAxis(shown: CurveAxis, value: number): string {
  if (shown === "time") return duration(value);
  if (shown === "cost") return usd(value);
  return shown === "step" ? grouped(value) : short(value);
}

function CurveControls({ hasCost }: { readonly hasCost: boolean }) {
  const axes = curveAxes.filter((name) => name !== "cost" || hasCost);
  return (
    <div class="controls">
      <Choice
        label="Figure"
        state={quantity}
        options={quantities.map((value) => ({ value, label: value.toLowerCase() }))}
      />
      <Toggles
        label="Measured on"
        chosen={shownParts.value}
        options={parts.map(({ part, label }) => ({ value: part, label }))}
        onChange={(next) => (shownParts.value = next)}
      />
      <Choice label="Over" state={axis} options={axes.map((value) => ({ value, label: value }))} />
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
      <label>
        Smoothing {smoothing.value.toFixed(2)}
        <input
          type="range"
          min="0"
          max="0.98"
          step="0.02"
          value={smoothing.value}
          onInput={({ currentTarget }) => (smoothing.value = Number(currentTarget.value))}
        />
      </label>
    </div>
  );
}
