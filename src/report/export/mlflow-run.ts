import type { Comparison, TrialRow } from "../../compare/comparison.ts";
import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import type { EpochMetrics } from "../../record/trial-record.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { shownFigures, trialFigure } from "../figures.ts";
import { verdictOf } from "../verdict-of.ts";
import { epochsOfTrial } from "./timed-epochs.ts";

/** A value of a metric at a step, in MLflow's own words. */
export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

/** A parameter or tag, in MLflow's own words. */
export interface MlflowEntry {
  readonly key: string;
  readonly value: string;
}

/** How an MLflow run stands. */
export type MlflowStatus = "RUNNING" | "FINISHED" | "FAILED";

/** A run or trial of ours as a run of MLflow. */
export interface MlflowRun {
  /** What it is found again by: the same for the same trial of the same run. */
  readonly identity: string;
  readonly name: string;
  readonly status: MlflowStatus;
  readonly startTime: number;
  /** Absent while it may go on. */
  readonly endTime?: number;
  readonly params: readonly MlflowEntry[];
  readonly tags: readonly MlflowEntry[];
  readonly metrics: readonly MlflowMetric[];
}

/** The tag by which runs are found again. */
export const identityTag = "nightsweep.identity";

/** MLflow refuses longer values of parameters (6,000 characters) and tags (8,000; 5,000 before MLflow 2.20). */
const maxParamLength = 6000;
const maxTagLength = 5000;

/** The run that the trials of one of our runs are children of. */
export function mlflowParentRun(comparison: Comparison, { plan, runId }: RunRecords, createdAt: string): MlflowRun {
  const { trialCounts, experiment, rankedBy, configurations } = comparison;
  const startTime = Date.parse(createdAt);
  const best = configurations.find(({ rank }) => rank === 1);
  const isOver = trialCounts.started + trialCounts.pending === 0;
  const description = [plan.description, verdictOf(comparison)].filter((text) => text !== undefined).join("\n\n");
  const bestMean = rankedBy === undefined ? undefined : best?.metrics[rankedBy.metric]?.mean;
  return {
    identity: runId,
    name: runId,
    status: isOver ? "FINISHED" : "RUNNING",
    startTime,
    params: [entry("trials", trialCounts.planned), entry("planId", plan.planId)],
    tags: [
      entry("mlflow.note.content", description),
      entry("nightsweep.experiment", experiment),
      entry("nightsweep.runId", runId),
      entry("nightsweep.version", plan.code.packageVersion),
      ...(rankedBy === undefined ? [] : [entry("nightsweep.rankedBy", rankedBy.metric)]),
      ...(best === undefined ? [] : [entry("nightsweep.bestConfiguration", best.configurationId)]),
    ],
    metrics: [
      metric("finishedTrials", trialCounts.finished, startTime),
      metric("failedTrials", trialCounts.failed, startTime),
      ...(bestMean === undefined || rankedBy === undefined
        ? []
        : [metric(`best.${rankedBy.metric}`, bestMean, startTime)]),
    ],
  };
}

/**
 * A trial as a run of MLflow: every field of its configuration as a parameter, its curves with the epoch as step.
 * @param record with metrics, timings and environment
 * @param fields the resolved configuration by path, values as text
 * @param createdAt of the run, ISO 8601: when it began, if its environment doesn't say
 */
export function mlflowTrialRun(
  comparison: Comparison,
  {
    record,
    row,
    fields,
  }: {
    readonly record: TrialRecord;
    readonly row: TrialRow;
    readonly fields: ReadonlyMap<string, string>;
  },
  createdAt: string,
): MlflowRun {
  const epochs = epochsOfTrial(record, Date.parse(createdAt));
  const configuration = describeConfiguration(row.values, comparison.columns);
  const isOver = row.state === "finished" || row.state === "failed";
  return {
    identity: `${comparison.runId}/${row.trialId}`,
    name: comparison.columns.length === 0 ? `seed ${row.seed}` : `${configuration} · seed ${row.seed}`,
    status: row.state === "finished" ? "FINISHED" : row.state === "failed" ? "FAILED" : "RUNNING",
    startTime: epochs.startedAtMs,
    ...(isOver ? { endTime: epochs.endedAtMs } : {}),
    params: [
      entry("seed", row.seed),
      ...Object.entries(row.values).map(([path, value]) => entry(path, String(value))),
      ...[...fields]
        .filter(([path]) => !Object.hasOwn(row.values, path) && path !== "seed")
        .map(([path, value]) => entry(path, value)),
    ],
    tags: [...originTags(comparison, record, row), ...failureTags(row)],
    metrics: [
      ...epochs.lines.flatMap(({ line, endedAtMs }) => epochMetrics(line, endedAtMs)),
      ...finalMetrics(comparison, row, epochs.endedAtMs),
    ],
  };
}

function originTags(comparison: Comparison, { environment, cachedFrom }: TrialRecord, row: TrialRow): MlflowEntry[] {
  const { experiment, runId, configurations } = comparison;
  const rank = configurations.find(({ configurationId }) => configurationId === row.configurationId)?.rank;
  return [
    entry("nightsweep.experiment", experiment),
    entry("nightsweep.runId", runId),
    entry("nightsweep.trialId", row.trialId),
    entry("nightsweep.configurationId", row.configurationId),
    ...(rank === undefined ? [] : [entry("nightsweep.rank", rank)]),
    ...(cachedFrom === undefined ? [] : [entry("nightsweep.cachedFrom", cachedFrom)]),
    ...(environment === undefined
      ? []
      : [
          entry("nightsweep.version", environment.packageVersion),
          entry("nightsweep.engine", `${environment.engine} ${environment.engineVersion}`),
          entry("nightsweep.threads", environment.threads),
          entry("mlflow.source.name", "nightsweep"),
        ]),
  ];
}

function failureTags({ failure }: TrialRow): MlflowEntry[] {
  if (failure === undefined) return [];
  return [entry("nightsweep.failureKind", failure.kind), entry("nightsweep.failure", failure.reason)];
}

function epochMetrics(line: EpochMetrics, timestamp: number): MlflowMetric[] {
  const { epoch, loss, accuracy, validation, test, learningRate } = line;
  const values = {
    "train.loss": loss,
    "train.accuracy": accuracy,
    "validation.loss": validation?.loss,
    "validation.accuracy": validation?.accuracy,
    "test.loss": test?.loss,
    "test.accuracy": test?.accuracy,
    learningRate,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [metric(key, value, timestamp, epoch)],
  );
}

/** The figures that trials are compared by, under the names that tables and JSON have for them. */
function finalMetrics(comparison: Comparison, row: TrialRow, timestamp: number): MlflowMetric[] {
  return shownFigures(comparison, "all").flatMap((figure) => {
    const value = trialFigure(row, figure);
    return value === null ? [] : [metric(figure.key, value, timestamp, row.testedEpoch ?? 0)];
  });
}

function metric(key: string, value: number, timestamp: number, step = 0): MlflowMetric {
  return { key, value, timestamp, step };
}

function entry(key: string, value: string | number): MlflowEntry {
  return { key, value: String(value) };
}

/** Parameters as MLflow takes them: other characters than these in a name are refused, and so are long values. */
export function allowedParams(entries: readonly MlflowEntry[]): MlflowEntry[] {
  return entries.map(({ key, value }) => ({ key: allowedName(key), value: value.slice(0, maxParamLength) }));
}

/** Tags as MLflow takes them. */
export function allowedTags(entries: readonly MlflowEntry[]): MlflowEntry[] {
  return entries.map(({ key, value }) => ({ key: allowedName(key), value: value.slice(0, maxTagLength) }));
}

/** MLflow allows letters, digits, `_`, `-`, `.`, blanks, `/` and `:`; our paths also have brackets. */
function allowedName(name: string): string {
  return name
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .replaceAll(/[^\w\-. /:]/g, "_")
    .slice(0, 250);
}
