import { curveOfPoints, type Curve, type CurveName } from "../../compare/learning-curves.ts";
import type { TrialCurve } from "../block-format.ts";
import type { Entry } from "./model.ts";

/** What a curve measures. */
export const quantities = ["Loss", "Accuracy"] as const;
export type Quantity = (typeof quantities)[number];

/** Which examples a curve was measured on. */
export type Part = "train" | "validation" | "test";

/** Parts that are drawn, with the dashes that tell them apart. */
export const parts: readonly { readonly part: Part; readonly label: string; readonly dash: readonly number[] }[] = [
  { part: "validation", label: "validation", dash: [] },
  { part: "train", label: "training", dash: [6, 4] },
  { part: "test", label: "test", dash: [2, 3] },
];

/** What a curve is drawn over. */
export const curveAxes = ["epoch", "step", "time", "cost"] as const;
export type CurveAxis = (typeof curveAxes)[number];

/** A line with its band. All lists have one entry per epoch, or per logged step where steps are the axis. */
export interface CurveLine {
  readonly entry: Entry;
  readonly part: Part;
  readonly partLabel: string;
  readonly dash: readonly number[];
  /** Where each entry stands on the axis; NaN if that is unknown. */
  readonly x: readonly number[];
  readonly curve: Curve;
  /** The means, smoothed; the same as the means without smoothing. */
  readonly smooth: readonly number[];
}

/** What lines are wanted. */
export interface CurveChoice {
  readonly quantity: Quantity;
  readonly parts: readonly string[];
  readonly axis: CurveAxis;
  /** 0 = as measured, towards 1 = flatter. */
  readonly smoothing: number;
  readonly pricePerHour: number | undefined;
}

/** The name of a curve, as `trainLoss`. */
export function curveName(part: Part, quantity: Quantity): CurveName {
  return `${part}${quantity}`;
}

/** What was recorded, by trial, as far as it is loaded. */
export interface CurveSources {
  readonly curves: ReadonlyMap<number, TrialCurve>;
  readonly stepLogs: ReadonlyMap<number, TrialCurve>;
}

/**
 * The lines of a configuration: means over the seeds whose curves are there. Over steps, training figures are those of
 * the step log where there is one.
 */
export function curveLines(entry: Entry, { curves, stepLogs }: CurveSources, choice: CurveChoice): CurveLine[] {
  const own = entry.trials.flatMap((trial) => curves.get(trial) ?? []);
  const logs = choice.axis === "step" ? entry.trials.flatMap((trial) => stepLogs.get(trial) ?? []) : [];
  return parts.flatMap(({ part, label, dash }) => {
    if (!choice.parts.includes(part)) return [];
    const isLogged = part === "train" && logs.length > 0;
    const curve = overSeeds(
      isLogged ? logs.map(bySteps) : own,
      ({ values }) => values[curveName(part, choice.quantity)],
    );
    if (curve.epochs.length === 0) return [];
    const x = isLogged ? curve.epochs : axisValues(own, curve.epochs, choice);
    return [{ entry, part, partLabel: label, dash, x, curve, smooth: smoothed(curve.mean, choice.smoothing) }];
  });
}

/** A step log with its steps in the place of epochs. */
function bySteps(log: TrialCurve): TrialCurve {
  return { ...log, epochs: log.steps };
}

function overSeeds(curves: readonly TrialCurve[], read: (curve: TrialCurve) => ArrayLike<number> | undefined): Curve {
  return curveOfPoints(
    curves.flatMap((curve) => {
      const values = read(curve);
      if (values === undefined) return [];
      return curve.epochs.flatMap((epoch, index) => {
        const value = values[index];
        return value === undefined || Number.isNaN(value) ? [] : [{ epoch, value }];
      });
    }),
  );
}

function axisValues(curves: readonly TrialCurve[], epochs: readonly number[], choice: CurveChoice): readonly number[] {
  if (choice.axis === "epoch") return epochs;
  const along = overSeeds(curves, (curve) => (choice.axis === "step" ? curve.steps : curve.seconds));
  const factor = choice.axis === "cost" ? (choice.pricePerHour ?? Number.NaN) / 3600 : 1;
  const byEpoch = new Map(along.epochs.map((epoch, index) => [epoch, along.mean[index] ?? Number.NaN]));
  return epochs.map((epoch) => (byEpoch.get(epoch) ?? Number.NaN) * factor);
}

/**
 * Exponential moving average, with the correction for the first values that Adam's moments have (Kingma and Ba 2015,
 * section 3). @param factor 0…1, how much of the past stays
 */
export function smoothed(values: readonly number[], factor: number): readonly number[] {
  if (factor === 0) return values;
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = factor * sum + (1 - factor) * value;
    weight = factor * weight + (1 - factor);
    return sum / weight;
  });
}
