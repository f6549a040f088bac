import type { Comparison, TrialRow } from "../../../compare/comparison.ts";
import type { PlannedConfiguration } from "../../../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../../../record/run-records.ts";
import type { EpochMetrics } from "../../../record/trial-record.ts";
import { columnLabels } from "../../describe-configuration.ts";
import { shownFigures, trialFigure } from "../../figures.ts";
import { typeOfValues } from "../exported-table.ts";
import { epochsOfTrial, type TimedEpoch } from "../timed-epochs.ts";
import { scalarRecord, versionRecord, type Moment, type Scalar } from "./event.ts";
import {
  experimentRecord,
  sessionEndRecord,
  sessionStartRecord,
  type HyperParameter,
  type SessionStatus,
} from "./hparams.ts";

/** The event file of the log folder itself: hyper-parameters and metrics that the trials are compared by. */
export function experimentEvents(comparison: Comparison, { plan }: RunRecords, wallSeconds: number): Buffer {
  const moment = { wallSeconds, step: 0 };
  const labels = columnLabels(comparison.columns);
  const hyperParameters = comparison.columns.map((path) => {
    const values = plan.configurations.map((configuration) => configuration.values[path]);
    return { name: path, label: labels.get(path) ?? path, type: typeOfValues(values), values: distinct(values) };
  });
  const metrics = shownFigures(comparison, "all").map(({ key, label }) => ({ tag: metricTag(key), label }));
  const description = plan.description ?? plan.experiment;
  return Buffer.concat([
    versionRecord(wallSeconds),
    experimentRecord(moment, { description, hyperParameters, metrics }),
  ]);
}

/**
 * The event file of a trial: its curves, and the figures that the HParams plugin compares.
 * @param record with metrics, timings and environment
 * @param wallSeconds when it started, if its environment doesn't say
 */
export function trialEvents(
  comparison: Comparison,
  {
    record,
    row,
    configuration,
  }: {
    readonly record: TrialRecord;
    readonly row: TrialRow;
    readonly configuration: PlannedConfiguration;
  },
  wallSeconds: number,
): Buffer {
  const epochs = epochsOfTrial(record, wallSeconds * 1000);
  const start = { wallSeconds: epochs.startedAtMs / 1000, step: 0 };
  const end = { wallSeconds: epochs.endedAtMs / 1000, step: epochs.lines.at(-1)?.line.epoch ?? 0 };
  const hyperParameters = definedValues(configuration, comparison.columns);
  return Buffer.concat([
    versionRecord(start.wallSeconds),
    // TensorBoard shows a group as one line with means over it: a configuration over its seeds.
    sessionStartRecord(start, { group: row.configurationId, hyperParameters }),
    ...epochs.lines.map(epochRecord),
    ...stepRecords(record, start.wallSeconds),
    ...finalRecords(comparison, row, end),
    sessionEndRecord(end, statusOf(row)),
  ]);
}

/** Curves have the epoch as step; train and validation share a chart, as they share the tag's first part. */
function epochRecord({ line, endedAtMs }: TimedEpoch): Buffer {
  return scalarRecord({ wallSeconds: endedAtMs / 1000, step: line.epoch }, epochScalars(line));
}

function epochScalars({ loss, accuracy, validation, test, learningRate }: EpochMetrics): Scalar[] {
  return [
    { tag: "loss/train", value: loss },
    { tag: "accuracy/train", value: accuracy },
    ...(validation === undefined
      ? []
      : [
          { tag: "loss/validation", value: validation.loss },
          { tag: "accuracy/validation", value: validation.accuracy },
        ]),
    ...(test === undefined
      ? []
      : [
          { tag: "loss/test", value: test.loss },
          { tag: "accuracy/test", value: test.accuracy },
        ]),
    { tag: "learningRate", value: learningRate },
  ];
}

/** The lines of `logEverySteps`, which have optimizer steps as steps and no time of their own. */
function stepRecords({ metrics }: TrialRecord, wallSeconds: number): Buffer[] {
  return metrics.flatMap((line) =>
    line.kind === "step"
      ? [
          scalarRecord({ wallSeconds, step: line.step }, [
            { tag: "steps/loss", value: line.loss },
            { tag: "steps/accuracy", value: line.accuracy },
          ]),
        ]
      : [],
  );
}

function finalRecords(comparison: Comparison, row: TrialRow, end: Moment): Buffer[] {
  const scalars = shownFigures(comparison, "all").flatMap((figure) => {
    const value = trialFigure(row, figure);
    return value === null ? [] : [{ tag: metricTag(figure.key), value }];
  });
  return scalars.length === 0 ? [] : [scalarRecord(end, scalars)];
}

function metricTag(key: string): string {
  return `final/${key}`;
}

function statusOf({ state }: TrialRow): SessionStatus {
  if (state === "finished") return "success";
  return state === "failed" ? "failure" : "running";
}

function definedValues({ values }: PlannedConfiguration, paths: readonly string[]): Record<string, HyperParameter> {
  return Object.fromEntries(
    paths.flatMap((path) => {
      const value = values[path];
      return value === null || value === undefined ? [] : [[path, value] as const];
    }),
  );
}

function distinct(values: readonly (HyperParameter | null | undefined)[]): HyperParameter[] {
  return [...new Set(values)].filter((value) => value !== null && value !== undefined);
}
