import { metricNames, type Comparison, type TrialRow } from "../../compare/comparison.ts";
import type { PlannedConfiguration } from "../../plan/plan.ts";
import type { RunRecords } from "../../record/run-records.ts";
import type { EnvironmentDocument } from "../../record/trial-record.ts";
import { trialFigure } from "../figures.ts";
import type { TableRow } from "../table.ts";
import { typedColumn, typeOfValues, type TypedColumn } from "./exported-table.ts";

/** Columns of swept fields, typed by the values that they take in the plan. */
export function sweptColumns(paths: readonly string[], configurations: readonly PlannedConfiguration[]): TypedColumn[] {
  return paths.map((path) => typedColumn(path, typeOfValues(configurations.map(({ values }) => values[path]))));
}

/** Columns that name a trial. */
export const identityColumns: readonly TypedColumn[] = [
  typedColumn("trial", "text"),
  typedColumn("configuration", "text"),
  typedColumn("seed", "integer"),
];

/** The columns of the table `trials`. */
export function trialColumns({ columns, trials, topK = 0 }: Comparison, { plan }: RunRecords): TypedColumn[] {
  const isKnown = (key: (typeof metricNames)[number]): boolean =>
    trials.some((trial) => trialFigure(trial, { key, topK }) !== null);
  return [
    ...identityColumns,
    ...sweptColumns(columns, plan.configurations),
    typedColumn("state", "text"),
    typedColumn("rank", "integer"),
    typedColumn("parameters", "integer"),
    typedColumn("epochs", "integer"),
    typedColumn("testedEpoch", "integer"),
    ...metricNames.filter(isKnown).map((key) => typedColumn(key, "number")),
    typedColumn("seconds", "number"),
    typedColumn("startedAt", "time"),
    typedColumn("finishedAt", "time"),
    typedColumn("engine", "text"),
    typedColumn("threads", "integer"),
    typedColumn("peakMemoryBytes", "integer"),
    typedColumn("stoppedEarlyAt", "integer"),
    typedColumn("failureKind", "text"),
    typedColumn("failureReason", "text"),
    typedColumn("failedAttempt", "integer"),
    typedColumn("cachedFrom", "text"),
  ];
}

/** A row for every trial of the plan, in the plan's order. @param records with environments, as the comparison's */
export function trialRows(comparison: Comparison, records: RunRecords): TableRow[] {
  const configurations = new Map(comparison.configurations.map((row) => [row.configurationId, row]));
  const environments = new Map(records.trials.map(({ trial, environment }) => [trial.id, environment]));
  return comparison.trials.map((trial) => {
    const configuration = configurations.get(trial.configurationId);
    return {
      ...trial.values,
      trial: trial.trialId,
      configuration: trial.configurationId,
      seed: trial.seed,
      state: trial.state,
      rank: configuration?.rank ?? null,
      parameters: configuration?.parameterCount ?? null,
      ...outcomeCells(trial, comparison.topK),
      ...environmentCells(environments.get(trial.trialId)),
    };
  });
}

function outcomeCells(trial: TrialRow, topK = 0): TableRow {
  const figures = metricNames.map((key) => [key, trialFigure(trial, { key, topK })] as const);
  return {
    epochs: trial.epochs,
    testedEpoch: trial.testedEpoch ?? null,
    ...Object.fromEntries(figures),
    stoppedEarlyAt: trial.stoppedEarly?.epoch ?? null,
    failureKind: trial.failure?.kind ?? null,
    failureReason: trial.failure?.reason ?? null,
    failedAttempt: trial.failure?.attempt ?? null,
    cachedFrom: trial.cachedFrom ?? null,
  };
}

function environmentCells(environment: EnvironmentDocument | undefined): TableRow {
  if (environment === undefined) return {};
  const { seconds, startedAt, finishedAt, engine, engineVersion, threads, peakMemoryBytes } = environment;
  return { seconds, startedAt, finishedAt, engine: `${engine} ${engineVersion}`, threads, peakMemoryBytes };
}
