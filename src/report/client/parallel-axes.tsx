import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { filters, type Filter } from "./filters.ts";
import type { ParallelAxis, parallelMargin } from "./parallel-drawing.ts";

interface ParallelAxesProps {
  readonly axes: readonly ParallelAxis[];
  readonly height: number;
  readonly margin: typeof parallelMargin;
  readonly onRange: (key: string, filter: Filter | undefined) => void;
}

/** Names of the axes, and a strip along each that is brushed. */
export function ParallelAxes({ axes, height, margin, onRange }: ParallelAxesProps) {
  return (
    <div class="axes" style={{ height: `${height}px` }}>
      {axes.map((axis, index) => (
        <AxisStrip
          key={axis.dimension.key}
          axis={axis}
          left={`calc(${margin.left}px + (100% - ${margin.left + margin.right}px) * ${axes.length < 2 ? 0.5 : index / (axes.length - 1)})`}
          top={margin.top}
          length={height - margin.top - margin.bottom}
          onRange={onRange}
        />
      ))}
    </div>
  );
}

interface AxisStripProps {
  readonly axis: ParallelAxis;
  readonly left: string;
  readonly top: number;
  readonly length: number;
  readonly onRange: ParallelAxesProps["onRange"];
}

/** Shorter than this is a click: it takes the range away. */
const shortestBrush = 4;

function AxisStrip({ axis, left, top, length, onRange }: AxisStripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const drag = useSignal<readonly [from: number, to: number] | null>(null);
  const { dimension } = axis;
  const pixelOf = (event: PointerEvent): number => {
    const box = strip.current?.getBoundingClientRect();
    return Math.min(length, Math.max(0, event.clientY - (box?.top ?? 0)));
  };
  const finish = (): void => {
    const [from, to] = drag.value ?? [0, 0];
    drag.value = null;
    const isClick = Math.abs(from - to) < shortestBrush;
    onRange(
      dimension.key,
      isClick ? undefined : filterOf(axis, 1 - Math.max(from, to) / length, 1 - Math.min(from, to) / length),
    );
  };
  const brushed = drag.value ?? brushOf(axis, filters.value.get(dimension.key), length);
  return (
    <>
      <span class="axis-name" style={{ left }} title={dimension.title}>
        {dimension.label}
      </span>
      <div
        ref={strip}
        class="axis-strip"
        style={{ left, top: `${top}px`, height: `${length}px` }}
        data-axis={dimension.key}
        onClick={(event) => event.stopPropagation()}
        onPointerDown={(event) => {
          event.stopPropagation();
          strip.current?.setPointerCapture(event.pointerId);
          drag.value = [pixelOf(event), pixelOf(event)];
        }}
        onPointerMove={(event) => {
          if (drag.value) drag.value = [drag.value[0], pixelOf(event)];
        }}
        onPointerUp={finish}
        onPointerCancel={() => (drag.value = null)}
      >
        {brushed && (
          <span
            class="brush"
            style={{
              top: `${Math.min(...brushed)}px`,
              height: `${Math.abs(brushed[0] - brushed[1])}px`,
            }}
          />
        )}
      </div>
    </>
  );
}

/** @param low 0…1 from the bottom */
function filterOf({ scale, categories, ticks }: ParallelAxis, low: number, high: number): Filter {
  if (categories === undefined)
    return { type: "range", low: rounded(scale.invert(low)), high: rounded(scale.invert(high)) };
  return {
    type: "any",
    values: ticks.filter(({ place }) => place >= low && place <= high).map(({ text }) => text),
  };
}

/** To what an address and an input field take without noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

function brushOf(
  { scale, ticks }: ParallelAxis,
  filter: Filter | undefined,
  length: number,
): readonly [number, number] | null {
  if (filter === undefined) return null;
  const clamp = (place: number): number => Math.min(1, Math.max(0, Number.isNaN(place) ? 0 : place));
  if (filter.type === "range") {
    const [low, high] = [scale.at(Math.max(filter.low, scale.low)), scale.at(Math.min(filter.high, scale.high))];
    return [(1 - clamp(high)) * length, (1 - clamp(low)) * length];
  }
  const places = ticks.filter(({ text }) => filter.values.includes(text)).map(({ place }) => place);
  if (places.length === 0) return null;
  const half = ticks.length === 0 ? 0.5 : 0.4 / ticks.length;
  return [(1 - clamp(Math.max(...places) + half)) * length, (1 - clamp(Math.min(...places) - half)) * length];
}
