import type { ConfigurationId, PlannedConfiguration } from "../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import { configurationOf } from "./configuration-of.ts";
import { groupBy } from "./group-by.ts";
import type { Comparison, ConfigurationRow, TrialCounts, TrialRow } from "./comparison.ts";
import { countEnvironments, noteCaveats } from "./note-caveats.ts";
import { noteSignificance } from "./note-significance.ts";
import { chooseRanking, rankConfigurations } from "./rank-configurations.ts";
import { rankedSeeds } from "./ranked-seeds.ts";
import { rankingStatistics } from "./ranking-statistics.ts";
import { summariseMetrics } from "./summarise-metrics.ts";
import { mean } from "../metrics/sample-statistics.ts";

/** What a comparison is to show besides. */
export interface ComparisonOptions {
  /** k of the top-k accuracy; default: the experiment's own `evaluation.topK`, if it has one. */
  readonly topK?: number;
  /** The configuration that the others are tested against; default: the best. One that isn't ranked gives no tests. */
  readonly baselineId?: ConfigurationId;
}

/**
 * Compares the trials of a run: the leaderboard by configuration, a row per trial, which differences are real, which
 * fields matter, and what must be known to trust them. Deterministic: the same records give the same JSON.
 * @throws RangeError if a trial's configuration isn't in its plan
 */
export function compareRun(records: RunRecords, options: ComparisonOptions = {}): Comparison {
  const { plan } = records;
  const topK = options.topK ?? plan.evaluations.find((evaluation) => evaluation.topK !== undefined)?.topK;
  const trials = records.trials.map((record) => trialRow(record, configurationOf(records, record)));
  const trialsByConfiguration = groupBy(trials, ({ configurationId }) => configurationId);
  const rows = plan.configurations.map((configuration) =>
    configurationRow(records, configuration, trialsByConfiguration.get(configuration.id) ?? [], topK),
  );
  const rankedBy = chooseRanking(rows);
  const columns = differingPaths(plan.configurations);
  const metric = rankedBy?.metric;
  const configurations = rankConfigurations(rows, metric);
  const environments = countEnvironments(records.trials);
  return {
    schemaVersion: 1,
    experiment: records.experiment,
    runId: records.runId,
    planId: plan.planId,
    trialCounts: countStates(trials),
    ...(topK === undefined ? {} : { topK }),
    ...(rankedBy === undefined ? {} : { rankedBy }),
    columns,
    trials,
    ...(metric === undefined
      ? { configurations, pareto: [] }
      : rankingStatistics({ configurations, trials, columns, metric, baselineId: options.baselineId })),
    environments,
    notes: [
      ...noteCaveats({ records, configurations, environments }),
      ...(metric === undefined ? [] : noteSignificance(rankedSeeds(configurations, trials, metric), metric)),
    ],
  };
}

function trialRow(record: TrialRecord, configuration: PlannedConfiguration): TrialRow {
  const { trial, state, cachedFrom } = record;
  return {
    trialId: trial.id,
    configurationId: configuration.id,
    seed: trial.seed,
    values: configuration.values,
    state: state.type,
    epochs: epochsDone(record),
    ...outcome(record),
    ...(cachedFrom === undefined ? {} : { cachedFrom }),
  };
}

function outcome({ state, environment }: TrialRecord): Partial<TrialRow> {
  if (state.type === "failed") {
    const { kind, reason, attempt } = state.failure;
    return { failure: { kind, reason, attempt } };
  }
  if (state.type !== "finished") return {};
  const { testedEpoch, stoppedEarly, train, validation, test } = state.result;
  return {
    testedEpoch,
    ...(stoppedEarly === undefined ? {} : { stoppedEarly }),
    train,
    ...(validation === undefined ? {} : { validation }),
    test,
    ...(environment === undefined ? {} : { seconds: environment.seconds }),
  };
}

function epochsDone({ state, metrics }: TrialRecord): number {
  if (state.type === "finished") return state.result.epochs;
  return metrics.findLast((line) => line.kind === "epoch")?.epoch ?? 0;
}

function configurationRow(
  { plan }: RunRecords,
  configuration: PlannedConfiguration,
  trials: readonly TrialRow[],
  topK: number | undefined,
): ConfigurationRow {
  const model = plan.models[configuration.model];
  if (model === undefined)
    throw new RangeError(`configuration ${configuration.id}: the plan has no model number ${configuration.model}`);
  const pricePerHour = plan.run?.budget?.pricePerHour;
  const seconds = trials.map((trial) => trial.seconds).filter((value) => value !== undefined);
  return {
    configurationId: configuration.id,
    values: configuration.values,
    parameterCount: model.parameterCount,
    seeds: countStates(trials),
    metrics: summariseMetrics(
      trials.filter(({ state }) => state === "finished"),
      topK,
    ),
    ...(seconds.length === 0 ? {} : { meanSeconds: mean(seconds) }),
    ...(seconds.length === 0 || pricePerHour === undefined ? {} : { meanUsd: (mean(seconds) / 3600) * pricePerHour }),
    reasons: reasonsNotRanked(trials),
  };
}

function countStates(trials: readonly TrialRow[]): TrialCounts {
  const counts = { planned: trials.length, finished: 0, failed: 0, started: 0, pending: 0 };
  for (const { state } of trials) counts[state]++;
  return counts;
}

function reasonsNotRanked(trials: readonly TrialRow[]): string[] {
  const seedsIn = (state: TrialRow["state"]): number[] =>
    trials.filter((trial) => trial.state === state).map(({ seed }) => seed);
  const started = seedsIn("started");
  const pending = seedsIn("pending");
  return [
    ...(trials.length === 0 ? ["no trial is recorded"] : []),
    ...failureReasons(trials),
    ...(started.length === 0 ? [] : [`${listSeeds(started)} started and not finished`]),
    ...(pending.length === 0 ? [] : [`${listSeeds(pending)} not started`]),
  ];
}

/** One sentence per different reason: a configuration that diverges tends to do so with every seed. */
function failureReasons(trials: readonly TrialRow[]): string[] {
  const failures = trials.flatMap(({ seed, failure }) => (failure === undefined ? [] : [{ seed, ...failure }]));
  const byReason = groupBy(failures, ({ kind, reason }) => `(${kind}): ${reason}`);
  return [...byReason].map(([reason, group]) => `${listSeeds(group.map(({ seed }) => seed))} failed ${reason}`);
}

function listSeeds(seeds: readonly number[]): string {
  const shown = seeds.slice(0, 5).join(", ");
  const rest = seeds.length > 5 ? ` and ${seeds.length - 5} more` : "";
  return `seed${seeds.length === 1 ? "" : "s"} ${shown}${rest}`;
}

function differingPaths(configurations: readonly PlannedConfiguration[]): string[] {
  const valuesByPath = new Map<string, Set<unknown>>();
  for (const { values } of configurations)
    for (const path of Object.keys(values)) valuesByPath.set(path, valuesByPath.get(path) ?? new Set());
  // A path that a configuration lacks differs from any value: undefined counts as one.
  for (const { values } of configurations) for (const [path, seen] of valuesByPath) seen.add(values[path]);
  return [...valuesByPath].filter(([, seen]) => seen.size > 1).map(([path]) => path);
}
