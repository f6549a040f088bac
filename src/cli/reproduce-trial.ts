import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { compareRun } from "../compare/compare-run.ts";
import { selectTrial } from "../compare/select.ts";
import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { collectProvenance } from "../orchestrate/provenance/collect-provenance.ts";
import {
  compareCircumstances,
  type Circumstance,
  type TrialCircumstances,
} from "../orchestrate/reproduce/compare-circumstances.ts";
import { compareOutcomes, type OutcomeComparison } from "../orchestrate/reproduce/compare-outcomes.ts";
import {
  copyInitialWeights,
  findDataDifference,
  onlyTrialKey,
  planSingleTrial,
  type DataDifference,
} from "../orchestrate/reproduce/prepare-reproduction.ts";
import type { Plan } from "../plan/plan.ts";
import { loadRun } from "../record/load-run.ts";
import { loadParts } from "../record/load-trial.ts";
import { loadProvenances } from "../record/provenance.ts";
import type { RunDocument, TrialRecord } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { VerificationProblem } from "../record/verification-problem.ts";
import { verifyRecord } from "../record/verify-run.ts";
import { engineLikeRecord } from "./engine-option.ts";
import { findRun, type RunReference } from "./find-run.ts";
import { ownFacts } from "./own-facts.ts";
import { listenToStopSignals } from "./stop-signals.ts";
import { openStoreAt } from "./store-option.ts";
import { train } from "./train.ts";

/** Which trial is to be reproduced, and how. */
export interface ReproductionRequest extends RunReference {
  readonly store: string;
  /** `best`, a rank, or the beginning of an id. */
  readonly which: string;
  /** Store that the trial is trained into; absent = one that is deleted afterwards. */
  readonly into: string | undefined;
  /** Folder that relative data set folders start from; absent = the experiment file's. */
  readonly dataRoot: string | undefined;
  /** Whether only the circumstances are compared. */
  readonly isCheckOnly: boolean;
}

/** What reproducing a trial came to. */
export interface Reproduction {
  readonly experiment: string;
  readonly runId: string;
  readonly trialId: string;
  readonly seed: number;
  /** What was changed in the record since the trial was finished. */
  readonly recordProblems: readonly VerificationProblem[];
  readonly circumstances: readonly Circumstance[];
  /** Present if the data are not the same: then nothing is trained. */
  readonly data?: DataDifference;
  /** Present if the trial was trained to its end. */
  readonly comparison?: OutcomeComparison;
  /** Why it was not, if it was tried. */
  readonly failure?: string;
  readonly exitCode: ExitCode;
}

interface Recorded {
  readonly store: Store;
  readonly run: RunDocument;
  readonly plan: Plan;
  readonly record: TrialRecord;
  readonly circumstances: TrialCircumstances;
}

/** Trains a finished trial again, in a store of its own, and compares circumstances and outcome with the record. */
export async function reproduceTrial(request: ReproductionRequest): Promise<Reproduction> {
  const recorded = await findRecorded(request);
  const { store, run, record, circumstances } = recorded;
  const facts = ownFacts();
  const { document: provenance } = await collectProvenance(run.experimentFile, facts);
  const here = { resultsVersion: facts.resultsVersion, packageVersion: facts.version, provenance };
  const plan = planSingleTrial(recorded.plan, record.trial.id, facts.version);
  const dataRoot = path.resolve(request.dataRoot ?? path.dirname(run.experimentFile));
  const data = await findDataDifference(plan, dataRoot);
  const common = {
    experiment: run.experiment,
    runId: run.runId,
    trialId: record.trial.id,
    seed: record.trial.seed,
    recordProblems: await verifyRecord(store, recorded.plan, { trial: record.trial, key: record.key }),
    ...(data && { data }),
  };
  const compare = (environment: TrialCircumstances["environment"]): Circumstance[] =>
    compareCircumstances(circumstances, { ...here, ...(environment && { environment }) });
  const isChanged = data !== undefined || common.recordProblems.length > 0;
  if (data !== undefined || request.isCheckOnly) {
    const exitCode = isChanged ? exitCodes.invalidInput : exitCodes.done;
    return { ...common, circumstances: compare(undefined), exitCode };
  }
  const loaded = { plan, experimentFile: run.experimentFile, dataRoot };
  return inScratchStore(request.into, async (location) => {
    const scratch = await openStoreAt(location);
    await copyInitialWeights(plan, store, scratch);
    const signals = listenToStopSignals();
    const engine = engineLikeRecord("auto", record.environment?.engine);
    const options = { store: scratch, storeLocation: location, workers: 1, isCacheUsed: false, engine, signals };
    const { records, exitCode } = await train(loaded, options).finally(() => signals.end());
    const [trained] = records.trials;
    const circumstances = compare(trained?.environment);
    if (trained?.state.type !== "finished") {
      const failure = trained?.state.type === "failed" ? trained.state.failure.reason : "it was stopped";
      return { ...common, circumstances, failure, exitCode };
    }
    const again = { store: scratch, key: onlyTrialKey(plan, records.runId) };
    const comparison = await compareOutcomes({ store, key: record.key }, again);
    const code = comparison.isEqual ? exitCodes.done : exitCodes.differs;
    return { ...common, circumstances, comparison, exitCode: isChanged ? exitCodes.invalidInput : code };
  });
}

async function findRecorded(request: ReproductionRequest): Promise<Recorded> {
  const store = await openStoreAt(request.store);
  const run = await findRun(store, request);
  const records = await loadRun(store, run.experiment, run.runId, { parts: [] });
  const { trialId } = selectTrial(compareRun(records), request.which);
  const found = records.trials.find(({ trial }) => trial.id === trialId);
  if (found === undefined) throw new Error(`the run has no trial ${trialId}`);
  // A changed environment.json is told of as such; it must not keep the trial from being trained again.
  const record = await loadParts(store, found, ["environment"]).catch(() => found);
  const origin = objectKeys.run(run.experiment, run.runId);
  const folder = record.key.startsWith(`${origin}/`) ? origin : record.key.split("/trials/")[0];
  const provenances = await loadProvenances(store, folder ?? origin);
  const { environment } = record;
  const provenance = provenances.get(environment?.provenance ?? "");
  const { resultsVersion, packageVersion } = records.plan.code;
  const version = environment?.packageVersion ?? packageVersion;
  const circumstances = { resultsVersion, packageVersion: version, provenance, environment };
  return { store, run, plan: records.plan, record, circumstances };
}

async function inScratchStore<Outcome>(
  location: string | undefined,
  action: (location: string) => Promise<Outcome>,
): Promise<Outcome> {
  if (location !== undefined) return action(location);
  const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-reproduce-"));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
