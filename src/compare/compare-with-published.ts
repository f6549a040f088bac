import { mean, sampleStandardDeviation } from "../metrics/sample-statistics.ts";
import type { RunRecords } from "../record/run-records.ts";
import { curveNames, learningCurves, type CurveName } from "./learning-curves.ts";
import type { FinalFigure, PublishedSystem } from "./published-systems.ts";

/** A figure of a reference system, published and ours. */
export interface ComparedFigure {
  readonly figure: "parameterCount" | FinalFigure | CurveName;
  /** From 1; absent for a figure of the whole training. */
  readonly epoch?: number;
  /** Absent if nothing was published: of the test accuracy, which every system has. */
  readonly published?: number;
  /** Mean over the finished seeds; absent if none has recorded it. */
  readonly ours?: number;
  /** Over the finished seeds, if there are two or more. */
  readonly sd?: number;
  /** Ours − published. */
  readonly difference?: number;
}

const finalFigures: readonly FinalFigure[] = ["testAccuracy", "testLoss", "millisecondsPerStep"];

/** The plan of a system's experiment, and what is recorded of its trials. */
type SystemRecords = Pick<RunRecords, "plan" | "trials">;

/**
 * Every published figure of a system beside ours: parameters, then those of the whole training, then epoch by epoch.
 * @param records only finished trials count; absent if the experiment can't be planned
 */
export function compareWithPublished(system: PublishedSystem, records?: SystemRecords): readonly ComparedFigure[] {
  const [model] = records?.plan.models ?? [];
  const finished = records && { ...records, trials: records.trials.filter(({ state }) => state.type === "finished") };
  return [
    compared({ figure: "parameterCount", published: system.parameterCount.value }, model && [model.parameterCount]),
    ...finalFigures.flatMap((figure) => {
      const published = system.final[figure];
      if (published === undefined && figure !== "testAccuracy") return [];
      const row = { figure, ...(published === undefined ? {} : { published }) };
      return [compared(row, finished && finalValues(figure, finished))];
    }),
    ...curveNames.flatMap((figure) => comparedCurve(figure, system.byEpoch[figure] ?? [], finished)),
  ];
}

function compared(
  row: Pick<ComparedFigure, "figure" | "epoch" | "published">,
  values: readonly number[] = [],
): ComparedFigure {
  if (values.length === 0) return row;
  const ours = mean(values);
  return {
    ...row,
    ours,
    ...(values.length < 2 ? {} : { sd: sampleStandardDeviation(values) }),
    ...(row.published === undefined ? {} : { difference: ours - row.published }),
  };
}

function finalValues(figure: FinalFigure, { plan, trials }: SystemRecords): readonly number[] {
  const batchSize = plan.trainings[0]?.batchSize ?? 1;
  return trials.flatMap(({ state, timings }) => {
    if (state.type !== "finished") return [];
    const { accuracy, loss } = state.result.test;
    if (figure === "testAccuracy") return [accuracy];
    if (figure === "testLoss") return [loss];
    const milliseconds = timings.map(({ examplesPerSecond }) => (1000 * batchSize) / examplesPerSecond);
    return milliseconds.length === 0 ? [] : [mean(milliseconds)];
  });
}

function comparedCurve(
  figure: CurveName,
  published: readonly (number | null)[],
  records: SystemRecords | undefined,
): readonly ComparedFigure[] {
  const curves = records === undefined ? [] : curvesOfSeeds(figure, records);
  return published.flatMap((value, index) => {
    if (value === null) return [];
    const epoch = index + 1;
    const values = curves.map((curve) => curve.get(epoch)).filter((ours) => ours !== undefined);
    return [compared({ figure, epoch, published: value }, values)];
  });
}

/** Of each trial by itself (a curve over all seeds has no standard deviation): the figure by epoch. */
function curvesOfSeeds(figure: CurveName, { plan, trials }: SystemRecords): readonly ReadonlyMap<number, number>[] {
  return trials.map((trial) => {
    const [configuration] = learningCurves({ plan, trials: [trial] }).configurations;
    const curve = configuration?.curves[figure];
    return new Map(curve?.epochs.map((epoch, index) => [epoch, curve.mean[index] ?? NaN]));
  });
}
