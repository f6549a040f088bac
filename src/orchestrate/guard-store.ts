import { objectKeys } from "../contract/object-keys.ts";
import type { RunStorage } from "../plan/outlook/run-storage.ts";
import type { Store } from "../record/store.ts";
import { StoreError } from "../record/store-error.ts";

/** How much room there is, and how that is found out. */
export interface SpaceSource {
  /** Bytes that can still be written; undefined = it can't be known. */
  readonly freeBytes: () => Promise<number | undefined>;
  /** How often it is asked while trials run. */
  readonly everyMs: number;
}

/** A run whose store is looked after. */
export interface GuardedRun {
  readonly store: Store;
  /** Key of the run's folder. */
  readonly run: string;
  readonly storage: RunStorage;
  /** Trials that are or may be trained side by side now. */
  readonly workers: () => number;
}

/** Logs, index and what else is written at the end. */
const smallFilesBytes = 8 * 1024 * 1024;

/** Below this nothing is started any more: every running trial must still be able to write a checkpoint. */
export function marginBytes({ storage, workers }: Pick<GuardedRun, "storage" | "workers">): number {
  return workers() * storage.largestTrialBytes + smallFilesBytes;
}

/**
 * Whether what a run writes has room.
 * @returns a warning, or undefined if there is room enough or nobody knows
 * @throws StoreError if there is certainly not enough
 */
export async function checkSpace(guarded: GuardedRun, source: SpaceSource): Promise<string | undefined> {
  const { store, storage } = guarded;
  const free = await source.freeBytes();
  if (free === undefined) return undefined;
  const margin = marginBytes(guarded);
  if (storage.totalBytes > free || free < margin) {
    throw new StoreError("", {
      problem:
        `there is not enough room for this run in ${store.location}: its trials leave about ` +
        `${megabytes(storage.totalBytes)} and need ${megabytes(margin)} while they run, and ${megabytes(free)} are free`,
      fix: "free some space, use a store elsewhere (--store), keep fewer checkpoints (training.checkpoint.keep), or run anyway with --no-space-check",
    });
  }
  if (storage.totalBytes + margin <= free) return undefined;
  return (
    `Room gets short in ${store.location}: the trials leave about ${megabytes(storage.totalBytes)}, and ` +
    `${megabytes(free)} are free. The run stops at checkpoints before the disk is full.`
  );
}

/** Looks after a store while trials run. */
export interface StoreGuard {
  /** Aborted when the run must stop: room is running out, or the store is gone. */
  readonly signal: AbortSignal;
  /** Ends the watch. */
  end(): void;
  /** Why the run had to stop, if it had to. */
  readonly trouble: StoreTrouble | undefined;
}

/** Why a run had to stop. */
export interface StoreTrouble {
  readonly error: StoreError;
  /** Whether the run's records are not there any more. */
  readonly isGone: boolean;
}

/** Watches a store from now on; a run that is told to stop writes checkpoints and can be gone on with. */
export function guardStore(guarded: GuardedRun, source: SpaceSource): StoreGuard {
  const controller = new AbortController();
  let trouble: StoreTrouble | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking || trouble !== undefined) return;
    isLooking = true;
    trouble = await findTrouble(guarded, source).catch(() => undefined);
    isLooking = false;
    if (trouble !== undefined) controller.abort();
  };
  const timer = setInterval(() => void look(), source.everyMs);
  timer.unref();
  return {
    signal: controller.signal,
    end: () => clearInterval(timer),
    get trouble() {
      return trouble;
    },
  };
}

async function findTrouble(guarded: GuardedRun, { freeBytes }: SpaceSource): Promise<StoreTrouble | undefined> {
  const { store, run } = guarded;
  const free = await freeBytes();
  // A bucket is neither full nor taken away by accident.
  if (free === undefined) return undefined;
  if ((await store.get(objectKeys.source(run))) === undefined) {
    const error = new StoreError(run, {
      problem: `the run's folder ${store.location}/${run} was removed or moved while its trials were running`,
      fix: "put it back where it was and run the same command again; what is gone is trained again",
    });
    return { error, isGone: true };
  }
  const margin = marginBytes(guarded);
  if (free >= margin) return undefined;
  const trials = guarded.workers();
  const kept = `${megabytes(margin)} are kept for checkpoints of ${trials === 1 ? "1 trial" : `${trials} trials side by side`}`;
  const error = new StoreError("", {
    problem:
      `the run was stopped because the disk of ${store.location} is nearly full: ${megabytes(free)} are free, ` +
      `${kept}. Nothing is lost`,
    fix: "free some space, then run the same command again: it goes on where it stopped",
  });
  return { error, isGone: false };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
