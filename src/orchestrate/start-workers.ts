import { availableParallelism } from "node:os";
import { claimVariables, defaultClaimTimes, type ClaimTimes } from "../contract/claim-variables.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { channelWorkerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import type { Executor } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import type { Plan } from "../plan/plan.ts";
import { ClaimWatch } from "../record/claim-watch.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { type CollectedProvenance, writeProvenance } from "../record/provenance.ts";
import type { Store } from "../record/store.ts";
import { SharingExecutor } from "./sharing-executor.ts";

/** What the workers of a run are started with. */
export interface WorkersRequest {
  readonly store: Store;
  /** What workers open the same store with. */
  readonly storeLocation: string;
  /** Compiled entry point of the trainer. */
  readonly trainerEntry: string;
  readonly plan: Plan;
  /** Absolute path that relative data folders count from. */
  readonly dataRoot: string;
  /** What computes; absent = the embedded engine. */
  readonly engine?: EngineChoice;
  /** Where the trials come from. */
  readonly provenance?: CollectedProvenance;
  /** How claims are kept; absent = the default. */
  readonly claimTimes?: ClaimTimes;
  /** Takes what a person should know of how trials are computed, once. */
  readonly onNotice?: (notice: string) => void;
}

/** A run whose trials workers train. */
interface SharedRun {
  readonly runId: string;
  /** Key of the run's folder. */
  readonly key: string;
  readonly ignoresLedger: boolean;
}

/** Slots cost nothing until they are used: so many workers can be asked for while a run goes on. */
const maxWorkers = 256;
/** How soon it is noticed that another process is done with a trial. */
const lookEveryMs = 2000;

/**
 * An executor of worker processes on this machine, which shares the work with other processes that run the same trials.
 * @param options.workers trials that are expected side by side; there are slots for more
 * @param options.sessionId names this process as the one that hands out attempts
 */
export async function startWorkers(
  request: WorkersRequest,
  { run, workers, sessionId }: { readonly run: SharedRun; readonly workers: number; readonly sessionId: string },
): Promise<Executor> {
  const { store } = request;
  const provenance = request.provenance && (await writeProvenance(store, run.key, request.provenance));
  const local = new LocalExecutor({
    trainer: request.trainerEntry,
    environment: {
      ...process.env,
      ...channelWorkerVariables({
        store: absoluteLocation(request.storeLocation),
        planKey: objectKeys.plan(run.key),
        dataRoot: request.dataRoot,
        engine: request.engine,
        provenance,
        batchThreads: batchThreadsFor(workers),
      }),
      [claimVariables.session]: sessionId,
    },
    workers: Math.max(maxWorkers, workers),
    ...(request.onNotice && { onNotice: request.onNotice }),
    maxRssBytes: memoryLimit(request.plan),
  });
  return shareWork(local, request, run);
}

/** Bytes that a worker may hold; undefined = as many as it wants. */
function memoryLimit({ resources: { memoryMebibytes } }: Plan): number | undefined {
  return memoryMebibytes === undefined ? undefined : memoryMebibytes * 2 ** 20;
}

function shareWork(executor: Executor, { store, plan, claimTimes }: WorkersRequest, run: SharedRun): Executor {
  const { expiryMs } = claimTimes ?? defaultClaimTimes;
  const { runId } = run;
  return new SharingExecutor(executor, {
    watch: new ClaimWatch(store, expiryMs),
    claimKey: (trialIndex) =>
      objectKeys.claim(plan.trials[trialIndex]?.id ?? "", run.ignoresLedger ? runId : undefined),
    lookEveryMs: Math.min(lookEveryMs, expiryMs / 4),
  });
}

/** Cores that no worker needs prepare batches: beyond four, one that decodes images has the engine wait no longer. */
function batchThreadsFor(workers: number): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / workers) - 1));
}
