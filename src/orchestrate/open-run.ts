import { objectKeys } from "../contract/object-keys.ts";
import type { Plan } from "../plan/plan.ts";
import { completeLedger } from "../record/ledger.ts";
import { loadRun } from "../record/load-run.ts";
import type { RunDocument, RunRecords } from "../record/run-records.ts";
import { createRun, findNewestRun } from "../record/run-store.ts";
import type { Store } from "../record/store.ts";
import type { KnownTrials } from "./run-state.ts";

/** Where and how a plan is to be run. */
export interface RunRequest {
  readonly store: Store;
  readonly plan: Plan;
  /** Absolute path of the experiment file. */
  readonly experimentFile: string;
  /** Whether trials that earlier runs finished are taken over. */
  readonly isCacheUsed: boolean;
  /** The run that a new one is to confirm. */
  readonly confirms?: string | undefined;
  readonly now: () => Date;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** A run that is there in the store, new or to be gone on with. */
export interface OpenedRun {
  readonly runId: string;
  /** Key of the run's folder. */
  readonly key: string;
  readonly isContinued: boolean;
  /** Whether it trains its trials whatever other runs have finished. */
  readonly ignoresLedger: boolean;
  readonly records: RunRecords;
  readonly known: KnownTrials;
}

/**
 * Finds the run to go on with, or creates one: the newest run of the same plan goes on, whatever it came to. Without
 * the cache only an unfinished run that ignored the cache as well goes on.
 */
export async function openRun(request: RunRequest): Promise<OpenedRun> {
  const { store, plan } = request;
  const newest = await findNewestRun(store, plan.experiment, plan.planId);
  if (newest !== undefined) {
    const opened = await describeRun(store, newest, true);
    if (request.isCacheUsed || (newest.ignoresLedger === true && !isComplete(opened))) return opened;
  }
  const created = await createRun(store, { ...request, ignoresLedger: !request.isCacheUsed });
  return describeRun(store, created, false);
}

async function describeRun(store: Store, run: RunDocument, isContinued: boolean): Promise<OpenedRun> {
  const records = await loadRun(store, run.experiment, run.runId, { parts: [] });
  if (isContinued) await completeLedger(store, records);
  const finished = new Set<number>();
  const cached = new Set<number>();
  records.trials.forEach(({ state, cachedFrom }, index) => {
    if (state.type === "finished") (cachedFrom === undefined ? finished : cached).add(index);
  });
  const key = objectKeys.run(run.experiment, run.runId);
  const ignoresLedger = run.ignoresLedger === true;
  return { runId: run.runId, key, isContinued, ignoresLedger, records, known: { finished, cached } };
}

function isComplete({ records, known }: OpenedRun): boolean {
  return known.finished.size + known.cached.size === records.trials.length;
}
