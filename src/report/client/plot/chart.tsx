import { useCallback, useRef, useState } from "preact/hooks";
import { themeColors, type ThemeColors } from "../theme-colors.ts";
import { ticksOf, type AxisScale } from "./axis.ts";
import { Canvas } from "./canvas.tsx";

/** An axis of a chart. */
export interface ChartAxis {
  readonly scale: AxisScale;
  readonly label: string;
  readonly format: (value: number) => string;
  /** Where numbers are written; default: round ones. */
  readonly ticks?: readonly number[];
  /** Whether there is nothing between whole numbers. */
  readonly isWhole?: boolean;
}

/** Where things are drawn. */
export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly colors: ThemeColors;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels of values. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** A rectangle in values. */
export interface ChartRange {
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
}

interface ChartProps {
  readonly height: number;
  /** What it shows, for those who can't see it; its table says the rest. */
  readonly label: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  /** Draws what is inside the axes. Must be the same function while nothing changes. */
  readonly draw: (frame: Frame) => void;
  /** Told the value and the pixel under the pointer, or null when it leaves. */
  readonly onPoint?: (at: ChartPoint | null) => void;
  readonly onClick?: (at: ChartPoint) => void;
  /** Told a rectangle that was drawn with the pointer. */
  readonly onRange?: (range: ChartRange) => void;
  readonly onDoubleClick?: () => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

/** A place in a chart. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Pixels in the frame, and how large it is. */
  readonly pixelX: number;
  readonly pixelY: number;
  readonly width: number;
  readonly height: number;
}

const margin = { left: 78, right: 28, top: 10, bottom: 46 };
/** Less than this is a click. */
const shortestDrag = 6;

interface Drag {
  readonly from: ChartPoint;
  readonly to: ChartPoint;
}

/** Two axes with something between them, drawn on a canvas. */
export function Chart({ height, label, x, y, draw, onPoint, onClick, onRange, onDoubleClick, onKeyDown }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const colors = themeColors.value;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, all: number) => {
      const frame = frameOf(context, colors, { width, height: all, x, y });
      drawAxes(frame, x, y);
      context.save();
      context.beginPath();
      context.rect(frame.left - 1, frame.top - 1, frame.width + 2, frame.height + 2);
      context.clip();
      draw(frame);
      context.restore();
    },
    [colors, x, y, draw],
  );
  const pointOf = (event: PointerEvent | MouseEvent): ChartPoint | null => {
    const box = holder.current?.getBoundingClientRect();
    if (!box) return null;
    const width = box.width - margin.left - margin.right;
    const tall = height - margin.top - margin.bottom;
    const pixelX = Math.min(width, Math.max(0, event.clientX - box.left - margin.left));
    const pixelY = Math.min(tall, Math.max(0, event.clientY - box.top - margin.top));
    return {
      x: x.scale.invert(pixelX / width),
      y: y.scale.invert(1 - pixelY / tall),
      pixelX,
      pixelY,
      width,
      height: tall,
    };
  };
  const finish = (event: PointerEvent): void => {
    const to = pointOf(event);
    setDrag(null);
    if (!drag || !to) return;
    const isClick = Math.hypot(to.pixelX - drag.from.pixelX, to.pixelY - drag.from.pixelY) < shortestDrag;
    if (isClick) onClick?.(to);
    else onRange?.({ x: ordered(drag.from.x, to.x), y: ordered(drag.from.y, to.y) });
  };
  return (
    <div
      ref={holder}
      class="plot"
      role="img"
      aria-label={label}
      tabIndex={onKeyDown ? 0 : undefined}
      onKeyDown={onKeyDown}
      onDblClick={onDoubleClick}
      onPointerDown={(event) => {
        const from = pointOf(event);
        if (!from || (!onClick && !onRange) || event.button !== 0) return;
        // A finger scrolls the page; only a mouse or a pen draws rectangles.
        if (event.pointerType !== "touch") holder.current?.setPointerCapture(event.pointerId);
        setDrag({ from, to: from });
      }}
      onPointerMove={(event) => {
        const at = pointOf(event);
        if (at) onPoint?.(at);
        if (drag && at && onRange && event.pointerType !== "touch") setDrag({ from: drag.from, to: at });
      }}
      onPointerUp={finish}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => onPoint?.(null)}
    >
      <Canvas height={height} draw={paint} />
      {drag && <span class="brush" style={rectangleOf(drag)} />}
    </div>
  );
}

function ordered(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}

function rectangleOf({ from, to }: Drag) {
  return {
    left: `${margin.left + Math.min(from.pixelX, to.pixelX)}px`,
    top: `${margin.top + Math.min(from.pixelY, to.pixelY)}px`,
    width: `${Math.abs(from.pixelX - to.pixelX)}px`,
    height: `${Math.abs(from.pixelY - to.pixelY)}px`,
  };
}

interface FrameInput {
  readonly width: number;
  readonly height: number;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
}

function frameOf(context: CanvasRenderingContext2D, colors: ThemeColors, { width, height, x, y }: FrameInput): Frame {
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  return {
    context,
    colors,
    left: margin.left,
    top: margin.top,
    ...inner,
    x: (value) => margin.left + x.scale.at(value) * inner.width,
    y: (value) => margin.top + (1 - y.scale.at(value)) * inner.height,
  };
}

function ticksAlong({ ticks, scale, isWhole }: ChartAxis, count: number): readonly number[] {
  const all = ticks ?? ticksOf(scale, count);
  return isWhole === true ? all.filter(Number.isInteger) : all;
}

function drawAxes(frame: Frame, x: ChartAxis, y: ChartAxis): void {
  const { context, colors, left, top, width, height } = frame;
  context.font = `12px ${colors.font}`;
  context.lineWidth = 1;
  context.strokeStyle = colors.line;
  context.fillStyle = colors.muted;
  context.beginPath();
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticksAlong(x, width / 80)) {
    const at = Math.round(frame.x(tick)) + 0.5;
    context.moveTo(at, top);
    context.lineTo(at, top + height);
    context.fillText(x.format(tick), at, top + height + 6);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticksAlong(y, height / 50)) {
    const at = Math.round(frame.y(tick)) + 0.5;
    context.moveTo(left, at);
    context.lineTo(left + width, at);
    context.fillText(y.format(tick), left - 6, at);
  }
  context.stroke();
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(x.label, left + width / 2, top + height + margin.bottom - 6);
  context.save();
  context.translate(11, top + height / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "middle";
  context.fillText(y.label, 0, 0);
  context.restore();
}
