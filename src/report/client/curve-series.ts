import type uPlot from "uplot";
import type { ConfigurationCurves, Curve, CurveName } from "../../compare/learning-curves.ts";

/** What a curve measures. */
export type Quantity = "Loss" | "Accuracy";

/** Which examples a curve was measured on. */
export type Part = "train" | "validation" | "test";

/** Parts that are drawn, with the dashes that tell them apart. */
export const parts: readonly { readonly part: Part; readonly label: string; readonly dash: readonly number[] }[] = [
  { part: "validation", label: "validation", dash: [] },
  { part: "train", label: "training", dash: [6, 4] },
  { part: "test", label: "test", dash: [2, 3] },
];

/** A configuration's curves with how it is called and coloured. */
export interface CurveEntry {
  readonly id: string;
  readonly label: string;
  readonly colorIndex: number;
  readonly curves: ConfigurationCurves["curves"];
}

/** A configuration to draw. */
export interface DrawnConfiguration {
  readonly curves: ConfigurationCurves["curves"];
  readonly color: string;
}

/** What uPlot needs to draw curves: columns of numbers and one description for each. */
export interface CurveDrawing {
  readonly data: uPlot.AlignedData;
  readonly series: uPlot.Series[];
  readonly bands: uPlot.Band[];
}

/** The name of a curve, as `trainLoss`. */
export function curveName(part: Part, quantity: Quantity): CurveName {
  return `${part}${quantity}`;
}

/**
 * Lines for the means and bands from the lowest to the highest seed.
 * @param onlyPositive leave out what a logarithmic axis can't show
 */
export function drawCurves(
  configurations: readonly DrawnConfiguration[],
  quantity: Quantity,
  shownParts: readonly Part[],
  { onlyPositive }: { readonly onlyPositive: boolean },
): CurveDrawing {
  const drawn = configurations.flatMap(({ curves, color }) =>
    parts
      .filter(({ part }) => shownParts.includes(part))
      .flatMap(({ part, dash }) => {
        const curve = curves[curveName(part, quantity)];
        return curve ? [{ curve, color, dash }] : [];
      }),
  );
  const epochs = [...new Set(drawn.flatMap(({ curve }) => curve.epochs))].sort((a, b) => a - b);
  const column = (curve: Curve, values: readonly number[]): (number | null)[] => {
    const byEpoch = new Map(curve.epochs.map((epoch, index) => [epoch, values[index] ?? null]));
    return epochs.map((epoch) => {
      const value = byEpoch.get(epoch) ?? null;
      return value !== null && onlyPositive && value <= 0 ? null : value;
    });
  };
  const edge = { width: 0, points: { show: false } };
  return {
    data: [
      epochs,
      ...drawn.flatMap(({ curve }) => [column(curve, curve.mean), column(curve, curve.max), column(curve, curve.min)]),
    ],
    series: [
      {},
      ...drawn.flatMap(({ color, dash }) => [
        { stroke: color, width: 2, dash: [...dash], points: { show: epochs.length < 40, size: 6, fill: color } },
        { ...edge },
        { ...edge },
      ]),
    ],
    bands: drawn.map(({ color }, index) => ({ series: [3 * index + 2, 3 * index + 3], fill: `${color}26` })),
  };
}
