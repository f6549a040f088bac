import { configurationOf } from "../../compare/configuration-of.ts";
import { metricNames, type TrialRow } from "../../compare/comparison.ts";
import { compareRun } from "../../compare/compare-run.ts";
import { groupBy } from "../../compare/group-by.ts";
import { metricOf } from "../../compare/summarise-metrics.ts";
import type { Plan, PlannedConfiguration } from "../../plan/plan.ts";
import { hashData } from "../../plan/trial-id.ts";
import type { NightCircumstances, NightConfiguration, NightDocument, NightSeed } from "../../record/night-document.ts";
import type { Provenance } from "../../record/provenance.ts";
import type { RunDocument, RunRecords, TrialRecord } from "../../record/run-records.ts";
import type { EnvironmentDocument } from "../../record/trial-record.ts";
import { dateIn } from "../../spec/cron.ts";

/** What is known of a night besides its records. */
export interface NightEnding {
  /** The run that it was to confirm, if it is no night of its own. */
  readonly confirms?: string | undefined;
  /** Why it ended before its trials did. */
  readonly cause?: string | undefined;
}

/**
 * What a run of a benchmark came to, for its history. Deterministic: the same records give the same document.
 * @param records with environments and provenances
 */
export function describeNight(
  run: RunDocument,
  records: RunRecords,
  { confirms, cause }: NightEnding = {},
): NightDocument {
  const { plan } = records;
  const recordsByConfiguration = groupBy(records.trials, (record) => configurationOf(records, record));
  const rows = new Map(compareRun(records).trials.map((row) => [row.trialId, row]));
  return {
    schemaVersion: 1,
    benchmark: run.experiment,
    date: dateIn(plan.schedule?.timezone ?? "UTC", new Date(run.createdAt)),
    runId: run.runId,
    startedAt: run.createdAt,
    ...(confirms === undefined ? {} : { confirms }),
    circumstances: circumstancesOf(records),
    configurations: [...recordsByConfiguration].map(([configuration, trials]) =>
      nightConfiguration(
        plan,
        configuration,
        trials.map((record) => ({ record, row: rows.get(record.trial.id), cause })),
      ),
    ),
  };
}

interface NightTrial {
  readonly record: TrialRecord;
  readonly row: TrialRow | undefined;
  /** Why the night ended before the trial did, if it did. */
  readonly cause: string | undefined;
}

function nightConfiguration(
  plan: Plan,
  configuration: PlannedConfiguration,
  trials: readonly NightTrial[],
): NightConfiguration {
  const data = plan.data[configuration.data];
  if (data === undefined) throw new RangeError(`the plan has no data number ${configuration.data}`);
  const environments = trials.flatMap(({ record }) => record.environment ?? []);
  const bySeed = [...trials].sort((a, b) => a.record.trial.seed - b.record.trial.seed);
  return {
    configurationId: configuration.id,
    values: configuration.values,
    dataSha256: hashData(data),
    device: mixed(environments.map(deviceOf)),
    engine: mixed(environments.map(({ engine }) => engine)),
    plannedSeeds: bySeed.map(({ record }) => record.trial.seed),
    seeds: bySeed.flatMap(({ record, row }) => (row?.state === "finished" ? [nightSeed(record.trial.seed, row)] : [])),
    missing: bySeed.flatMap(({ record: { trial, state, cachedFrom }, cause }) => {
      // What another night trained is no measurement of this one.
      if (cachedFrom !== undefined)
        return [`seed ${trial.seed} was taken over from run ${cachedFrom}: run with --no-cache`];
      if (state.type === "finished") return [];
      if (state.type === "failed")
        return [`seed ${trial.seed} failed (${state.failure.kind}): ${state.failure.reason}`];
      return [`seed ${trial.seed} ${state.type}${cause === undefined ? "" : `: ${cause}`}`];
    }),
  };
}

function nightSeed(seed: number, row: TrialRow): NightSeed {
  const figures = metricNames.flatMap((name) => {
    const value = metricOf(row, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { seed, figures: Object.fromEntries(figures) };
}

/** `cpu`, or the model of the GPU that was computed on. */
function deviceOf({ engineDetails, machine }: EnvironmentDocument): string {
  return engineDetails?.["device"] === "gpu" ? (machine?.gpus?.[0] ?? "gpu") : "cpu";
}

/** What all trials have in common; figures of different devices or engines are a series of their own. */
function mixed(names: readonly string[]): string {
  const different = [...new Set(names)].sort();
  return different.length === 0 ? "unknown" : different.join(" and ");
}

function circumstancesOf({ plan, trials, provenances }: RunRecords): NightCircumstances {
  const environment = trials.map((record) => record.environment).find((found) => found !== undefined);
  const provenance = [...(provenances?.values() ?? [])].at(-1);
  return {
    nightsweep: plan.code.packageVersion,
    resultsVersion: plan.code.resultsVersion,
    ...ofProject(provenance),
    ...defined({
      engineVersion: environment?.engineVersion,
      imageDigest: environment?.imageDigest,
      node: environment?.node,
      gpuDriver: environment?.machine?.gpuDriver,
      experimentSha256: provenance?.experimentFile.sha256,
      lockFileSha256: provenance?.lockFile?.sha256,
    }),
  };
}

/** The project's commit; of a checkout of nightsweep itself, its own. */
function ofProject(provenance: Provenance | undefined): Partial<NightCircumstances> {
  const project = provenance?.project;
  if (project === undefined) return defined({ commit: provenance?.nightsweep.commit });
  return { commit: project.commit, isDirty: project.isDirty, ...defined({ origin: project.origin }) };
}

function defined<Fields extends Record<string, string | undefined>>(
  fields: Fields,
): { [Key in keyof Fields]?: string } {
  const result: { [Key in keyof Fields]?: string } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
