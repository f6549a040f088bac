import { objectKeys, trialFiles } from "../../contract/object-keys.ts";
import type { TrialId } from "../../plan/plan.ts";
import { encodeJson, loadJson } from "../json-object.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import { ledgerEntrySchema } from "../record-schemas.ts";
import type { SizedObject, Store } from "../store.ts";
import type { LedgerEntry } from "../trial-record.ts";
import type { GarbagePlan, Owners, Removal } from "./plan-garbage.ts";
import type { StoredRun, StoredTrial } from "./survey-runs.ts";

const concurrentRemovals = 8;
const concurrentDeletes = 8;

/** Which records the ledger points to, of all trials that have a result. */
export async function loadOwners(store: Store, runs: readonly StoredRun[]): Promise<Owners> {
  const finished = new Set(runs.flatMap(({ trials }) => trials.flatMap((t) => (t.hasResult ? t.trialId : []))));
  const recorded = new Set(runs.flatMap(({ trials }) => trials.flatMap((t) => (t.hasResult ? t.key : []))));
  const entries = await mapConcurrently([...finished], (trialId) => loadEntry(store, trialId));
  const owners = new Map<TrialId, string>();
  for (const entry of entries) {
    // An entry whose record is gone says nothing.
    if (entry !== undefined && recorded.has(recordOf(entry))) owners.set(entry.trialId, recordOf(entry));
  }
  return owners;
}

/**
 * Removes what is planned. Whatever moment it is interrupted at, nothing that is left looks whole and isn't: a run is
 * first noted as removed and no longer listed, and of each trial the ledger's entry goes first, then `result.json`, then
 * the rest. The next cleaning goes on with it.
 * @param runs all runs that are stored: the ledger then points to another record of a removed trial, if there is one
 */
export async function collectGarbage(
  store: Store,
  { removals, removedRuns, kept }: GarbagePlan,
  { runs, now }: { readonly runs: readonly StoredRun[]; readonly now: Date },
): Promise<void> {
  for (const { key, state } of removedRuns) {
    if (state === "removed") continue;
    await store.put(objectKeys.removed(key), encodeJson({ schemaVersion: 1, removedAt: now.toISOString() }));
    await store.delete(objectKeys.source(key));
  }
  const spare = findSpareRecords(runs, removedRuns);
  const remove = async ({ what, trial, objects }: Removal): Promise<void> => {
    if (what === "trial" && trial?.hasResult === true) await forget(store, trial, spare.get(trial.trialId));
    await deleteInOrder(store, objects);
  };
  const isRest = ({ what }: Removal): boolean => what === "rest";
  await mapConcurrently(
    removals.filter((removal) => !isRest(removal)),
    remove,
    concurrentRemovals,
  );
  await mapConcurrently(removals.filter(isRest), remove, concurrentRemovals);
  // The note stays beside what others need.
  const needed = new Set(kept.map(({ run }) => run));
  for (const run of removedRuns) if (!needed.has(run)) await store.delete(objectKeys.removed(run.key));
}

/** Takes a record out of the ledger, which then points to another record of the same trial, if there is one. */
async function forget(store: Store, { trialId, key }: StoredTrial, spare: LedgerEntry | undefined): Promise<void> {
  const entry = await loadEntry(store, trialId);
  if (entry !== undefined && recordOf(entry) !== key) return;
  await store.delete(objectKeys.ledger(trialId));
  if (spare !== undefined) await store.putIfAbsent(objectKeys.ledger(trialId), encodeJson(spare));
}

function findSpareRecords(
  runs: readonly StoredRun[],
  removedRuns: readonly StoredRun[],
): ReadonlyMap<TrialId, LedgerEntry> {
  const removed = new Set(removedRuns);
  const remaining = runs.filter((run) => run.state === "listed" && !removed.has(run));
  return new Map(
    remaining.flatMap(({ experiment, runId, trials }) =>
      trials.flatMap(({ trialId, hasResult }) =>
        hasResult ? [[trialId, { schemaVersion: 1, trialId, experiment, runId }] as const] : [],
      ),
    ),
  );
}

/** What says that something is complete goes first. */
async function deleteInOrder(store: Store, objects: readonly SizedObject[]): Promise<void> {
  const isSeal = (key: string): boolean =>
    key.endsWith(`/${trialFiles.result}`) || /\/checkpoints\/[^/]+\/state\.json$/.test(key);
  const keys = objects.map(({ key }) => key);
  const remove = (key: string): Promise<void> => store.delete(key);
  await mapConcurrently(keys.filter(isSeal), remove, concurrentDeletes);
  await mapConcurrently(
    keys.filter((key) => !isSeal(key)),
    remove,
    concurrentDeletes,
  );
}

function loadEntry(store: Store, trialId: TrialId): Promise<LedgerEntry | undefined> {
  return loadJson(store, objectKeys.ledger(trialId), ledgerEntrySchema);
}

function recordOf({ experiment, runId, trialId }: LedgerEntry): string {
  return objectKeys.trial(objectKeys.run(experiment, runId), trialId);
}
