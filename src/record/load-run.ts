import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { PlannedTrial } from "../plan/plan.ts";
import { loadJson } from "./json-object.ts";
import { findFinished } from "./ledger.ts";
import { loadParts, loadTrialState, type TrialPart } from "./load-trial.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { trialResultSchema } from "./record-schemas.ts";
import type { RunRecords, TrialRecord } from "./run-records.ts";
import { loadPlan, loadRunDocument } from "./run-store.ts";
import type { Store } from "./store.ts";
import type { LedgerEntry } from "./trial-record.ts";

/**
 * Everything recorded of a run. Trials that another run finished are taken over from there by way of the ledger,
 * unless the run was told to ignore it.
 * @param parts what is read besides each trial's state; `metrics` is empty if it isn't asked for, and so on
 * @throws RecordError naming the key if the run doesn't exist or an object can't be read
 */
export async function loadRun(
  store: Store,
  experiment: string,
  runId: string,
  { parts = ["metrics", "timings", "confusion", "environment"] }: { readonly parts?: readonly TrialPart[] } = {},
): Promise<RunRecords> {
  const run = objectKeys.run(experiment, runId);
  const plan = await loadPlan(store, objectKeys.plan(run));
  const ignoresLedger = (await loadRunDocument(store, experiment, runId))?.ignoresLedger === true;
  const own = await loadOwnRecords(store, run, plan.trials);
  const records = ignoresLedger ? own : await takeOver(store, own);
  const trials = await mapConcurrently(records, (record) => loadParts(store, record, parts));
  return { runId, experiment, plan, trials };
}

/**
 * The finished ones of some trials, whichever runs finished them, as far as the ledger knows.
 * @param parts what is read of each besides its result
 */
export async function loadFinishedTrials(
  store: Store,
  trials: readonly PlannedTrial[],
  { parts }: { readonly parts: readonly TrialPart[] },
): Promise<readonly TrialRecord[]> {
  // Of no run: each gets the key of the record that it is taken over from.
  const unknown = trials.map((trial) => ({ ...pending(trial), key: "" }));
  const finished = (await takeOver(store, unknown)).filter(({ state }) => state.type === "finished");
  return mapConcurrently(finished, (record) => loadParts(store, record, parts));
}

function pending(trial: PlannedTrial) {
  return { trial, state: { type: "pending" }, metrics: [], timings: [] } as const;
}

async function loadOwnRecords(store: Store, run: string, trials: readonly PlannedTrial[]): Promise<TrialRecord[]> {
  const begun = new Set(await store.listFolders(`${run}/trials/`));
  return mapConcurrently(trials, async (trial) => {
    const key = objectKeys.trial(run, trial.id);
    if (!begun.has(trial.id)) return { ...pending(trial), key };
    return { ...pending(trial), key, state: await loadTrialState(store, key) };
  });
}

async function takeOver(store: Store, records: readonly TrialRecord[]): Promise<TrialRecord[]> {
  const open = records.filter(({ state }) => state.type !== "finished").map(({ trial }) => trial.id);
  const finished = await findFinished(store, open);
  return mapConcurrently(records, async (record) => {
    const entry = finished.get(record.trial.id);
    return entry === undefined ? record : takeOverFrom(store, entry, record);
  });
}

async function takeOverFrom(
  store: Store,
  { experiment, runId }: LedgerEntry,
  record: TrialRecord,
): Promise<TrialRecord> {
  const key = objectKeys.trial(objectKeys.run(experiment, runId), record.trial.id);
  const result = await loadJson(store, `${key}/${trialFiles.result}`, trialResultSchema);
  if (result === undefined) return record;
  // The same key: finished by this very run since its own records were read.
  const origin = key === record.key ? {} : { cachedFrom: runId };
  return { ...record, key, ...origin, state: { type: "finished", result } };
}
