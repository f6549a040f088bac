import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import { isTrialId } from "../plan/trial-id.ts";
import { decodeJson } from "./json-object.ts";
import { recordFinished } from "./ledger.ts";
import { loadRun } from "./load-run.ts";
import { loadTrialState } from "./load-trial.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { ledgerEntrySchema } from "./record-schemas.ts";
import { rebuildIndex } from "./run-index.ts";
import type { RunDocument, RunRecords, TrialRecord } from "./run-records.ts";
import { mergeSeals } from "./run-seal.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";
import type { LedgerEntry, TrialResult } from "./trial-record.ts";

/** Something that was not copied, because what is there must not be changed or can't be trusted. */
export interface SyncProblem {
  /** Key of the object, or of the trial's folder. */
  readonly key: string;
  readonly problem: string;
}

/** What copying a run came to. */
export interface SyncedRun {
  readonly experiment: string;
  readonly runId: string;
  /** Objects that were copied, and compared after that. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** Objects that were there with the same SHA-256, or belong to trials that are left as they are in the target. */
  readonly skipped: number;
  readonly problems: readonly SyncProblem[];
}

/** How far copying a run is. */
export interface SyncProgress {
  readonly done: number;
  readonly objects: number;
  readonly copiedBytes: number;
}

interface Copying {
  readonly from: Store;
  readonly to: Store;
}

/** Objects may be large: so many are held in memory at most. */
const concurrentObjects = 8;

/**
 * Copies a run to another store, with the records of other runs that it took over or whose weights its models start
 * from. What is there with the same SHA-256 is
 * skipped, so an interrupted copy goes on where it stopped. A trial's `result.json` comes after the rest of its record,
 * `run.json` after all trials, and the ledger last: at no moment does the target say more than it has. A trial that is
 * finished in the target is not changed.
 */
export async function syncRun(
  stores: Copying,
  run: RunDocument,
  onProgress: (progress: SyncProgress) => void = () => undefined,
): Promise<SyncedRun> {
  const records = await loadRun(stores.from, run.experiment, run.runId, { parts: [] });
  const folder = objectKeys.run(run.experiment, run.runId);
  const finished = records.trials.filter(({ state }) => state.type === "finished");
  const takenOver = finished.filter(({ key }) => !key.startsWith(`${folder}/`)).map(({ key }) => key);
  const sources = await loadWeightSources(stores.from, records);
  const others = new Set([...takenOver, ...sources.map(({ key }) => key)]);
  const keys = await mapConcurrently([folder, ...others], (key) => stores.from.list(`${key}/`));
  // The index is made anew from the records that are there afterwards.
  const objects = keys.flat().filter((key) => key !== objectKeys.index(folder));
  const obstacles = await findObstacles(stores, [...records.trials, ...sources], objects);
  const problems = obstacles.flatMap(({ key, problem }) => (problem === undefined ? [] : [{ key, problem }]));
  const isBlocked = (key: string): boolean => obstacles.some((obstacle) => key.startsWith(`${obstacle.key}/`));
  const wanted = objects.filter((key) => !isBlocked(key));
  const counts = { copied: 0, copiedBytes: 0, skipped: objects.length - wanted.length };
  for (const keys of inOrder(wanted)) {
    await mapConcurrently(
      keys,
      async (key) => {
        const outcome = await copyObject(stores, key);
        if (outcome.type === "copied") {
          counts.copied++;
          counts.copiedBytes += outcome.bytes;
        } else if (outcome.type === "skipped") counts.skipped++;
        else problems.push({ key, problem: outcome.problem });
        const { copied, copiedBytes, skipped } = counts;
        onProgress({ done: copied + skipped, objects: objects.length, copiedBytes });
      },
      concurrentObjects,
    );
  }
  await syncLedger(stores, records, finished);
  for (const { key, trialId } of sources) {
    if (await hasResult(stores.to, key)) await copyLedgerEntry(stores, key, trialId);
  }
  await rebuildIndex(stores.to, run.experiment, run.runId);
  return { experiment: run.experiment, runId: run.runId, ...counts, problems };
}

/** The objects in groups that are copied one after the other. */
function inOrder(keys: readonly string[]): string[][] {
  const groups: string[][] = [[], [], [], []];
  for (const key of keys) groups[rankOf(key)]?.push(key);
  return groups;
}

function rankOf(key: string): number {
  if (/\/checkpoints\/[\d.]+\/state\.json$/.test(key)) return 1;
  if (key.endsWith(`/${trialFiles.result}`)) return 2;
  if (/^experiments\/[^/]+\/runs\/[^/]+\/(run\.json|seal\.jsonl)$/.test(key)) return 3;
  return 0;
}

/** What decides whether a record may be copied. */
type Begun = Pick<TrialRecord, "key" | "state">;

/** A record of another run whose weights a model starts from. */
interface WeightSource extends Begun {
  readonly trialId: TrialId;
}

/** The records outside the run's own that its plan names as initial weights. */
async function loadWeightSources(from: Store, { plan, trials }: RunRecords): Promise<WeightSource[]> {
  const own = new Set(trials.map(({ key }) => key));
  const keys = new Set(plan.models.flatMap(({ initialWeights }) => initialWeights?.trialKey ?? []));
  const named = [...keys].flatMap((key) => {
    const trialId = key.slice(key.lastIndexOf("/") + 1);
    return isTrialId(trialId) && !own.has(key) ? [{ key, trialId }] : [];
  });
  return mapConcurrently(named, async (source) => ({ ...source, state: await loadTrialState(from, source.key) }));
}

/** A trial that must not be copied. */
interface Obstacle {
  /** Key of the trial's folder. */
  readonly key: string;
  /** Absent if the trial just got further in the target. */
  readonly problem?: string;
}

async function findObstacles(
  stores: Copying,
  records: readonly Begun[],
  objects: readonly string[],
): Promise<Obstacle[]> {
  const begun = new Set(objects.flatMap((key) => /^(.*\/trials\/[^/]+)\//.exec(key)?.[1] ?? []));
  const trials = records.filter(({ key }) => begun.has(key));
  const obstacles = await mapConcurrently(trials, (trial) => findObstacle(stores, trial), concurrentObjects);
  return obstacles.filter((obstacle) => obstacle !== undefined);
}

async function findObstacle({ from, to }: Copying, { key, state }: Begun): Promise<Obstacle | undefined> {
  const resultKey = `${key}/${trialFiles.result}`;
  const there = await to.sha256(resultKey);
  if (state.type !== "finished") return there === undefined ? undefined : { key };
  if (there !== undefined && there !== (await from.sha256(resultKey))) {
    return { key, problem: "both stores have a result of this trial, and the results differ" };
  }
  const damaged = await findDamaged(from, key, state.result);
  return damaged === undefined ? undefined : { key, problem: `${damaged} in ${from.location}` };
}

async function findDamaged(store: Store, key: string, { files }: TrialResult): Promise<string | undefined> {
  for (const [name, sha256] of Object.entries(files)) {
    const found = await store.sha256(`${key}/${name}`);
    if (found === undefined) return `${name} is missing`;
    if (found !== sha256) return `${name} is damaged: its SHA-256 is not the one in result.json`;
  }
  return undefined;
}

type Copied =
  | { readonly type: "copied"; readonly bytes: number }
  | { readonly type: "skipped" }
  | { readonly type: "failed"; readonly problem: string };

async function copyObject({ from, to }: Copying, key: string): Promise<Copied> {
  const [wanted, there] = await Promise.all([from.sha256(key), to.sha256(key)]);
  if (wanted === there) return { type: "skipped" };
  const found = await from.get(key);
  // An older checkpoint of a run that is going on.
  if (found === undefined) return { type: "skipped" };
  const bytes = await withSealOf(to, key, found);
  if (isControl(key)) {
    if (!(await to.putIfAbsent(key, bytes))) return { type: "skipped" };
  } else if (key.endsWith(`/${trialFiles.result}`)) {
    if (!(await to.putIfAbsent(key, bytes))) return { type: "failed", problem: "another result was written meanwhile" };
  } else await to.put(key, bytes);
  const arrived = await to.get(key);
  if (arrived === undefined || sha256Of(arrived) !== sha256Of(bytes)) {
    return { type: "failed", problem: "what arrived differs from what was sent, or was changed by others meanwhile" };
  }
  return { type: "copied", bytes: bytes.length };
}

/** What people ask of a run, in each store for itself: where somebody has asked for something, that stays. */
function isControl(key: string): boolean {
  return /^experiments\/[^/]+\/runs\/[^/]+\/control\.json$/.test(key);
}

/** A seal with the trials that the run has finished in the target meanwhile; anything else as it is. */
async function withSealOf(to: Store, key: string, bytes: Uint8Array): Promise<Uint8Array> {
  const there = key.endsWith("/seal.jsonl") ? await to.get(key) : undefined;
  return there === undefined ? bytes : mergeSeals(key, bytes, there);
}

/** Tells the target's ledger of the finished trials that have arrived. */
async function syncLedger(stores: Copying, run: RunRecords, finished: readonly TrialRecord[]): Promise<void> {
  await mapConcurrently(
    finished,
    async ({ key, trial }) => {
      if (!(await hasResult(stores.to, key))) return;
      const { experiment, runId } = run;
      const own: LedgerEntry = { schemaVersion: 1, trialId: trial.id, experiment, runId };
      if (!(await copyLedgerEntry(stores, key, trial.id))) await recordFinished(stores.to, own);
    },
    concurrentObjects,
  );
}

async function hasResult(store: Store, record: string): Promise<boolean> {
  return (await store.sha256(`${record}/${trialFiles.result}`)) !== undefined;
}

/** Copies an entry as it is, if it points to the record. @returns whether the target has an entry that can be trusted */
async function copyLedgerEntry({ from, to }: Copying, record: string, trialId: TrialId): Promise<boolean> {
  const key = objectKeys.ledger(trialId);
  const bytes = await from.get(key);
  if (bytes === undefined) return false;
  const entry = decodeJson(key, bytes, ledgerEntrySchema);
  if (objectKeys.trial(objectKeys.run(entry.experiment, entry.runId), trialId) !== record) return false;
  if (!(await to.putIfAbsent(key, bytes))) await recordFinished(to, entry);
  return true;
}
