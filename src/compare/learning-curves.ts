import { mean } from "../metrics/sample-statistics.ts";
import type { ConfigurationId } from "../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { EpochMetrics } from "../record/trial-record.ts";
import type { SweptValues } from "./comparison.ts";
import { configurationOf } from "./configuration-of.ts";
import { groupBy } from "./group-by.ts";

/** The curves of a configuration, named like the metrics of a comparison. */
export const curveNames = [
  "trainLoss",
  "trainAccuracy",
  "validationLoss",
  "validationAccuracy",
  "testLoss",
  "testAccuracy",
] as const;

/** One of the curves of a configuration. */
export type CurveName = (typeof curveNames)[number];

/** A figure per epoch over the seeds; all lists have one entry per epoch. */
export interface Curve {
  /** Epochs counted from 1, ascending. */
  readonly epochs: readonly number[];
  readonly mean: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  /** Seeds that got as far as the epoch; where it drops, the mean may jump. */
  readonly seedCounts: readonly number[];
}

/** The curves of one configuration; those that nothing was recorded for are absent. */
export interface ConfigurationCurves {
  readonly configurationId: ConfigurationId;
  readonly values: SweptValues;
  readonly curves: Readonly<Partial<Record<CurveName, Curve>>>;
}

/** How every configuration learned, as plain JSON. */
export interface LearningCurves {
  readonly schemaVersion: 1;
  /** In the plan's order; configurations without a single epoch are left out. */
  readonly configurations: readonly ConfigurationCurves[];
}

const readers: Readonly<Record<CurveName, (line: EpochMetrics) => number | undefined>> = {
  trainLoss: ({ loss }) => loss,
  trainAccuracy: ({ accuracy }) => accuracy,
  validationLoss: ({ validation }) => validation?.loss,
  validationAccuracy: ({ validation }) => validation?.accuracy,
  testLoss: ({ test }) => test?.loss,
  testAccuracy: ({ test }) => test?.accuracy,
};

/** What a line says about a curve; undefined if nothing was measured. */
export function readCurve(line: EpochMetrics, name: CurveName): number | undefined {
  return readers[name](line);
}

/**
 * Mean, minimum and maximum over the seeds of every recorded figure, epoch by epoch; of trials in any state.
 * @throws RangeError if a trial's configuration isn't in its plan
 */
export function learningCurves(records: Pick<RunRecords, "plan" | "trials">): LearningCurves {
  const trialsByConfiguration = groupBy(records.trials, (trial) => configurationOf(records, trial));
  return {
    schemaVersion: 1,
    configurations: records.plan.configurations.flatMap((configuration) => {
      const curves = curvesOf(trialsByConfiguration.get(configuration) ?? []);
      const { id, values } = configuration;
      return Object.keys(curves).length === 0 ? [] : [{ configurationId: id, values, curves }];
    }),
  };
}

function curvesOf(trials: readonly TrialRecord[]): ConfigurationCurves["curves"] {
  const lines = trials.flatMap(epochLines);
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const name of curveNames) {
    const curve = curveOf(lines, readers[name]);
    if (curve.epochs.length > 0) curves[name] = curve;
  }
  return curves;
}

/** The last line of each epoch: a resumed trial may have written one twice. */
function epochLines({ metrics }: TrialRecord): EpochMetrics[] {
  const lines = new Map<number, EpochMetrics>();
  for (const line of metrics) if (line.kind === "epoch") lines.set(line.epoch, line);
  return [...lines.values()];
}

function curveOf(lines: readonly EpochMetrics[], read: (line: EpochMetrics) => number | undefined): Curve {
  return curveOfPoints(
    lines.flatMap((line) => {
      const value = read(line);
      return value === undefined ? [] : [{ epoch: line.epoch, value }];
    }),
  );
}

/** Mean, minimum and maximum of the values that several seeds have at each epoch. @param points in any order */
export function curveOfPoints(points: readonly { readonly epoch: number; readonly value: number }[]): Curve {
  const ascending = [...groupBy(points, ({ epoch }) => epoch)].sort(([a], [b]) => a - b);
  const values = ascending.map(([, group]) => group.map(({ value }) => value));
  return {
    epochs: ascending.map(([epoch]) => epoch),
    mean: values.map(mean),
    min: values.map((seeds) => Math.min(...seeds)),
    max: values.map((seeds) => Math.max(...seeds)),
    seedCounts: values.map((seeds) => seeds.length),
  };
}
