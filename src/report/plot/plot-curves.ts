import type { Curve, CurveName, LearningCurves } from "../../compare/learning-curves.ts";
import type { ConfigurationId } from "../../plan/plan.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { linearAxis, logarithmicAxis } from "./axis.ts";
import { bottomMargin, drawFrame, drawHeading, leftMargin, type Frame } from "./frame.ts";
import { drawLegend } from "./legend.ts";
import { seriesStyle } from "./palette.ts";
import { marker, polygon, polyline, type Drawing } from "./svg.ts";

/** What of the learning curves is drawn. */
export interface CurvePlot {
  readonly curves: LearningCurves;
  /** Best first; at most as many as can be told apart. */
  readonly configurationIds: readonly ConfigurationId[];
  readonly metric: CurveName;
  /** Swept paths that configurations are named by. */
  readonly columns: readonly string[];
  readonly subtitle: string;
  /** Points. */
  readonly width: number;
  readonly isLogarithmic: boolean;
}

interface Series {
  readonly name: string;
  readonly curve: Curve;
}

/**
 * Learning curves: the mean over the seeds, and a band from the lowest to the highest of them.
 * @returns undefined if none of the configurations has recorded the metric
 */
export function plotCurves(plot: CurvePlot): Drawing | undefined {
  const series = seriesOf(plot);
  if (series.length === 0) return undefined;
  const { label, isShare } = nameOf(plot.metric);
  const values = series.flatMap(({ curve }) => [...curve.min, ...curve.max]);
  const isLogarithmic = plot.isLogarithmic && values.every((value) => value > 0);
  const vertical = isLogarithmic ? logarithmicAxis(label, values) : linearAxis(label, values, { isPercent: isShare });
  const epochs = series.flatMap(({ curve }) => curve.epochs);
  // A single epoch begins at 0, or there would be no axis.
  const span = epochs.every((epoch) => epoch === epochs[0]) ? [0, ...epochs] : epochs;
  const horizontal = linearAxis("epoch", span, { tickCount: 8, isWhole: true, isFlush: true });
  const heading = drawHeading(`Learning curves: ${figureOf(plot.metric).label}`, [plot.subtitle], plot.width);
  const left = leftMargin(vertical);
  const area = { left, top: heading.height, width: plot.width - left - 8, height: 0.5 * plot.width };
  const frame = drawFrame(area, horizontal, vertical);
  const below = area.top + area.height + bottomMargin + 2;
  const legend = drawLegend(
    series.map(({ name }) => name),
    { left, top: below, width: area.width },
  );
  return {
    width: plot.width,
    height: below + legend.height + 4,
    title: `${figureOf(plot.metric).label} by epoch`,
    description: describe(series, isShare),
    content: [
      ...heading.content,
      ...frame.content,
      ...series.map(({ curve }, index) => drawBand(frame, curve, index)),
      ...series.map(({ curve }, index) => drawLine(frame, curve, index)),
      ...legend.content,
    ],
  };
}

function seriesOf({ curves, configurationIds, metric, columns }: CurvePlot): Series[] {
  return configurationIds.flatMap((id) => {
    const configuration = curves.configurations.find(({ configurationId }) => configurationId === id);
    const curve = configuration?.curves[metric];
    return configuration === undefined || curve === undefined
      ? []
      : [{ name: describeConfiguration(configuration.values, columns), curve }];
  });
}

function nameOf(metric: CurveName): { readonly label: string; readonly isShare: boolean } {
  const isShare = metric.endsWith("Accuracy");
  const { label } = figureOf(metric);
  return { label: isShare ? `${label} (%)` : label, isShare };
}

function drawBand({ x, y }: Frame, { epochs, min, max, seedCounts }: Curve, index: number): string {
  if (seedCounts.every((count) => count === 1) || epochs.length < 2) return "";
  const upper = epochs.map((epoch, i) => [x(epoch), y(max[i] ?? NaN)] as const);
  const lower = epochs.map((epoch, i) => [x(epoch), y(min[i] ?? NaN)] as const).reverse();
  return polygon([...upper, ...lower], { fill: seriesStyle(index).color, opacity: 0.16 });
}

function drawLine({ x, y, area }: Frame, { epochs, mean }: Curve, index: number): string {
  const { color, dash, marker: kind } = seriesStyle(index);
  const points = epochs.map((epoch, i) => [x(epoch), y(mean[i] ?? NaN)] as const);
  // Markers at least 18 points apart, or they run into one another.
  const every = Math.max(1, Math.ceil((18 * points.length) / area.width));
  const marked = points.filter((_, i) => i % every === 0 || i === points.length - 1);
  return [
    polyline(points, { stroke: color, width: 1.3, ...(dash && { dash }) }),
    ...marked.map((point) => marker(kind, point, 2.1, { fill: color })),
  ].join("");
}

function describe(series: readonly Series[], isShare: boolean): string {
  const last = ({ name, curve }: Series): string => {
    const value = curve.mean.at(-1) ?? NaN;
    const shown = isShare ? `${(100 * value).toFixed(2)} %` : value.toFixed(4);
    return `${name}: ${shown} after epoch ${curve.epochs.at(-1)}`;
  };
  return `Mean over the seeds. ${series.map(last).join("; ")}.`;
}
