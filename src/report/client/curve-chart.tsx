import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { CurveDrawing } from "./curve-series.ts";
import type { ThemeColors } from "./theme-colors.ts";

const chartHeight = 340;

interface CurveChartProps {
  readonly drawing: CurveDrawing;
  readonly isLogarithmic: boolean;
  readonly formatTick: (value: number) => string;
  readonly colors: ThemeColors;
  readonly label: string;
  /** Told the epoch under the pointer, or null when it leaves. */
  readonly onEpoch: (epoch: number | null) => void;
}

/** Curves over epochs. The arrow keys move the cursor from epoch to epoch; a double click undoes a zoom. */
export function CurveChart({ drawing, isLogarithmic, formatTick, colors, label, onEpoch }: CurveChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const options = chartOptions({ drawing, isLogarithmic, formatTick, colors, width: element.clientWidth, onEpoch });
    const created = new uPlot(options, drawing.data, element);
    chart.current = created;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) created.setSize({ width: element.clientWidth, height: chartHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
    };
  }, [drawing, isLogarithmic, colors]);
  return (
    <div
      ref={holder}
      role="img"
      aria-label={label}
      tabIndex={0}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step === undefined || !chart.current) return;
        event.preventDefault();
        moveCursor(chart.current, step);
      }}
    />
  );
}

interface ChartInput extends Omit<CurveChartProps, "label"> {
  readonly width: number;
}

function chartOptions({ drawing, isLogarithmic, formatTick, colors, width, onEpoch }: ChartInput): uPlot.Options {
  const axis = {
    stroke: colors.muted,
    font: `12px ${colors.font}`,
    labelFont: `12px ${colors.font}`,
    grid: { stroke: colors.line, width: 1 },
    ticks: { stroke: colors.line, width: 1 },
  };
  return {
    width,
    height: chartHeight,
    series: drawing.series,
    bands: drawing.bands,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: true, uni: 40 }, points: { size: 8 } },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a const enum, which isolated modules can't read
      y: isLogarithmic ? { distr: 3 } : {},
    },
    axes: [
      { ...axis, label: "epoch", size: 32, labelSize: 22, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      {
        ...axis,
        size: 58,
        values: (_, ticks) => ticks.map((tick: number | null) => (tick === null ? "" : formatTick(tick))),
      },
    ],
    hooks: {
      setCursor: [
        ({ cursor, data }) => {
          onEpoch(typeof cursor.idx === "number" ? (data[0][cursor.idx] ?? null) : null);
        },
      ],
    },
  };
}

function moveCursor(chart: uPlot, step: number): void {
  const epochs = chart.data[0];
  const current = chart.cursor.idx ?? (step > 0 ? -1 : epochs.length);
  const epoch = epochs[Math.min(epochs.length - 1, Math.max(0, current + step))];
  if (epoch === undefined) return;
  chart.setCursor({ left: chart.valToPos(epoch, "x"), top: chart.over.clientHeight / 2 });
}
