import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { ledgerEntrySchema } from "./record-schemas.ts";
import type { RunRecords } from "./run-records.ts";
import type { Store } from "./store.ts";
import type { LedgerEntry } from "./trial-record.ts";

/** So many lookups one by one are cheaper than listing a whole ledger. */
const maxSingleLookups = 64;

/**
 * Notes in the ledger which run finished a trial. To be called after the trial's `result.json` is written.
 * @returns `first`, or `already` if another finished record stands in the ledger, which then stays there
 */
export async function recordFinished(store: Store, entry: LedgerEntry): Promise<"first" | "already"> {
  const key = objectKeys.ledger(entry.trialId);
  const bytes = encodeJson(entry);
  for (;;) {
    if (await store.putIfAbsent(key, bytes)) return "first";
    const written = await store.getVersioned(key);
    if ((await findTrusted(store, entry.trialId)) !== undefined) return "already";
    // The run that the entry points to was deleted.
    if (written !== undefined && (await store.putIfMatch(key, bytes, written.version))) return "first";
  }
}

/**
 * Which of the trials were finished, and by which run. An entry whose record has no `result.json` is not trusted.
 * @throws RecordError if an entry can't be read
 */
export async function findFinished(store: Store, trialIds: readonly TrialId[]): Promise<Map<TrialId, LedgerEntry>> {
  const ids = trialIds.length <= maxSingleLookups ? trialIds : await keepListed(store, trialIds);
  const entries = await mapConcurrently(ids, (id) => findTrusted(store, id));
  return new Map(entries.filter((entry) => entry !== undefined).map((entry) => [entry.trialId, entry]));
}

/**
 * Adds the finished trials of a run that the ledger doesn't know: a process that is killed right after a trial's
 * `result.json` can't tell the ledger any more.
 * @returns how many were added
 */
export async function completeLedger(store: Store, { experiment, runId, trials }: RunRecords): Promise<number> {
  const own = trials.filter(({ state, cachedFrom }) => state.type === "finished" && cachedFrom === undefined);
  const known = await findFinished(
    store,
    own.map(({ trial }) => trial.id),
  );
  const unknown = own.map(({ trial }) => trial.id).filter((id) => !known.has(id));
  await mapConcurrently(unknown, (trialId) => recordFinished(store, { schemaVersion: 1, trialId, experiment, runId }));
  return unknown.length;
}

/**
 * Which of the trials stand in the ledger, without a look at the records that it points to: a thousandth of the cost of
 * `findFinished` for many trials that were trained just now.
 */
export async function findListed(store: Store, trialIds: readonly TrialId[]): Promise<ReadonlySet<TrialId>> {
  if (trialIds.length <= maxSingleLookups) return new Set((await findFinished(store, trialIds)).keys());
  return new Set(await keepListed(store, trialIds));
}

async function keepListed(store: Store, trialIds: readonly TrialId[]): Promise<TrialId[]> {
  const listed = new Set(await store.list("trials/"));
  return trialIds.filter((id) => listed.has(objectKeys.ledger(id)));
}

async function findTrusted(store: Store, trialId: TrialId): Promise<LedgerEntry | undefined> {
  const entry = await loadJson(store, objectKeys.ledger(trialId), ledgerEntrySchema);
  if (entry === undefined) return undefined;
  const record = objectKeys.trial(objectKeys.run(entry.experiment, entry.runId), trialId);
  return (await store.get(`${record}/${trialFiles.result}`)) === undefined ? undefined : entry;
}
