import { randomBytes, randomUUID } from "node:crypto";
import { claimVariables, defaultClaimTimes, type ClaimTimes } from "../contract/claim-variables.ts";
import { channelWorkerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { Executor, TrialEvent } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { estimateRunStorage } from "../plan/outlook/run-storage.ts";
import { ClaimWatch } from "../record/claim-watch.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { loadTrialState } from "../record/load-trial.ts";
import { type CollectedProvenance, writeProvenance } from "../record/provenance.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { closeRun } from "./close-run.ts";
import { checkSpace, guardStore, type SpaceSource, type StoreGuard } from "./guard-store.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { processClock } from "./run-clock.ts";
import { policyOf, type PolicyFlags } from "./run-policy.ts";
import { LiveRunState, type RunState } from "./run-state.ts";
import { loadSpent, SessionLog } from "./session-log.ts";
import { runTrials } from "./run-trials.ts";
import { SharingExecutor } from "./sharing-executor.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a sentence that a person should read. */
  onWarning?(text: string): void;
  /** Called when one of the run's rules stops it. */
  onStop(reason: StopReason): void;
  /** Called after every change, with the result if a trial has finished. */
  onEvent(event: TrialEvent, after: { readonly state: RunState; readonly result: TrialResult | undefined }): void;
}

/** A planned experiment that is to be run on this machine. */
export interface LocalRunRequest extends LoadedPlan {
  readonly store: Store;
  /** What workers open the same store with. */
  readonly storeLocation: string;
  /** Compiled entry point of the trainer. */
  readonly trainerEntry: string;
  /** Trials side by side; undefined = one per core. */
  readonly workers: number | undefined;
  readonly isCacheUsed: boolean;
  /** What computes; absent = the embedded engine. */
  readonly engine?: EngineChoice;
  readonly flags: PolicyFlags;
  /** How claims are kept; absent = the default. */
  readonly claimTimes?: ClaimTimes;
  /** Where the trials come from. */
  readonly provenance?: CollectedProvenance;
  /** How much room the store has; absent = it is not looked at. */
  readonly space?: SpaceSource;
  readonly observer: RunObserver;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/**
 * Runs what is not finished of a plan, in a new run or in the one that was begun.
 * @returns the records of the run as they are afterwards
 */
export async function runExperiment(request: LocalRunRequest): Promise<RunRecords> {
  const { store, plan, observer, stop, kill } = request;
  const sources = { now: () => new Date(), randomBytes };
  const run = await openRun({ ...request, ...sources });
  const spentBefore = await loadSpent(store, run.key);
  const state = new LiveRunState(plan.trials.length, run.known, {
    configurationOf: (trialIndex) => plan.trials[trialIndex]?.configuration ?? -1,
    spentBefore,
  });
  observer.onOpen(run, state);
  const trained = new Set<string>();
  let guard: StoreGuard | undefined;
  if (state.counts.waiting > 0) {
    const session = randomUUID();
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
        }),
        [claimVariables.session]: session,
      },
      ...(request.workers === undefined ? {} : { workers: request.workers }),
    });
    const executor = shareWork(local, request, run);
    const sessionLog = new SessionLog({ store, run: run.key }, sources, spentBefore);
    const storage = estimateRunStorage(plan, (index) => state.trials[index]?.type === "waiting");
    const guarded = { store, run: run.key, storage, workers: executor.slots };
    const warning = request.space && (await checkSpace(guarded, request.space));
    if (warning !== undefined) observer.onWarning?.(warning);
    guard = request.space && guardStore(guarded, request.space);
    await runTrials(state, policyOf(plan.run, executor.slots, request.flags), {
      executor,
      clock: processClock,
      journal: createJournal(store, plan, run.runId, { session, ignoresLedger: run.ignoresLedger }),
      control: {
        stop: guard === undefined ? stop : AbortSignal.any([stop, guard.signal]),
        kill,
        onStop: (reason) => observer.onStop(reason),
        async onEvent(event) {
          if (event.type === "finished") trained.add(plan.trials[event.trialIndex]?.id ?? "");
          observer.onEvent(event, { state, result: await resultOf(event, request, run) });
          await sessionLog.keep(state);
        },
      },
    }).finally(() => guard?.end());
    if (guard?.trouble?.isGone === true) throw guard.trouble.error;
    await sessionLog.write(state);
  }
  const records = await closeRun(store, { experiment: plan.experiment, runId: run.runId }, { state, trained });
  if (guard?.trouble !== undefined && records.trials.some(({ state }) => state.type !== "finished"))
    throw guard.trouble.error;
  return records;
}

/** How soon it is noticed that another process is done with a trial. */
const lookEveryMs = 2000;

function shareWork(executor: Executor, { store, plan, claimTimes }: LocalRunRequest, run: OpenedRun): Executor {
  const { expiryMs } = claimTimes ?? defaultClaimTimes;
  return new SharingExecutor(executor, {
    watch: new ClaimWatch(store, expiryMs),
    claimKey: (trialIndex) =>
      objectKeys.claim(plan.trials[trialIndex]?.id ?? "", run.ignoresLedger ? run.runId : undefined),
    lookEveryMs: Math.min(lookEveryMs, expiryMs / 4),
  });
}

async function resultOf(
  { type, trialIndex }: TrialEvent,
  { store, plan }: LocalRunRequest,
  run: OpenedRun,
): Promise<TrialResult | undefined> {
  const trial = plan.trials[trialIndex];
  if (type !== "finished" || trial === undefined) return undefined;
  const state = await loadTrialState(store, objectKeys.trial(run.key, trial.id));
  return state.type === "finished" ? state.result : undefined;
}
