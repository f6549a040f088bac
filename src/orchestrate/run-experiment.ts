import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { channelWorkerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialEvent } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { loadTrialState } from "../record/load-trial.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { closeRun } from "./close-run.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { planWorkers } from "./plan-workers.ts";
import { processClock } from "./run-clock.ts";
import { policyOf, type PolicyFlags } from "./run-policy.ts";
import { describeWorkers } from "./choose-workers.ts";
import { LiveRunState, type RunState } from "./run-state.ts";
import { loadSpent, SessionLog } from "./session-log.ts";
import { runTrials } from "./run-trials.ts";
import type { TuningResult } from "./worker-tuner.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a line about how many workers there are and why, when it is known and when it is found to be another. */
  onWorkers?(line: string): void;
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
  /** Trials side by side; undefined = as many as pay and fit. */
  readonly workers: number | undefined;
  readonly isCacheUsed: boolean;
  /** What computes; absent = the embedded engine. */
  readonly engine?: EngineChoice;
  /** What that is expected to come to here; absent = the embedded engine. */
  readonly plannedEngine?: PlannedEngine;
  readonly flags: PolicyFlags;
  readonly observer: RunObserver;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/**
 * Runs what is not finished of a plan, in a new run or in the one that was begun.
 * @returns the records of the run as they are afterwards
 */
export async function runExperiment(request: LocalRunRequest): Promise<RunRecords> {
  const { store, plan, observer } = request;
  const sources = { now: () => new Date(), randomBytes };
  const run = await openRun({ ...request, ...sources });
  const spentBefore = await loadSpent(store, run.key);
  const state = new LiveRunState(plan.trials.length, run.known, {
    configurationOf: (trialIndex) => plan.trials[trialIndex]?.configuration ?? -1,
    spentBefore,
  });
  observer.onOpen(run, state);
  if (state.counts.waiting > 0) {
    const session = new SessionLog({ store, run: run.key }, sources, spentBefore);
    await trainWaiting(request, { run, state, session });
    await session.write(state);
  }
  return closeRun(store, { experiment: plan.experiment, runId: run.runId }, state);
}

/** What belongs to a run while it goes on. */
interface OngoingRun {
  readonly run: OpenedRun;
  readonly state: LiveRunState;
  readonly session: SessionLog;
}

async function trainWaiting(request: LocalRunRequest, { run, state, session }: OngoingRun): Promise<void> {
  const { store, plan, observer, stop, kill, plannedEngine = "wasm" } = request;
  const trials = state.counts.waiting;
  const workers = await planWorkers(plan, { engine: plannedEngine, asked: request.workers, trials });
  const { choice, tuner } = workers;
  observer.onWorkers?.(`${describeWorkers(choice)}${tuner ? "; measuring whether they pay" : ""}`);
  const executor = createExecutor(request, run, choice.count);
  // While it is being found out how many pay, not all may be used yet.
  const slots = (): number => tuner?.slots ?? executor.slots;
  await runTrials(state, policyOf(plan.run, slots, request.flags), {
    executor,
    clock: processClock,
    journal: createJournal(store, plan, run.runId),
    control: {
      stop,
      kill,
      onStop: (reason) => observer.onStop(reason),
      async onEvent(event) {
        const slotsBefore = tuner?.slots;
        tuner?.onEvent(event);
        if (tuner?.result !== undefined && tuner.slots !== slotsBefore)
          observer.onWorkers?.(describeTuning(tuner.result));
        observer.onEvent(event, { state, result: await resultOf(event, request, run) });
        await session.keep(state);
      },
    },
  });
  await workers.save();
}

function createExecutor(request: LocalRunRequest, run: OpenedRun, workers: number): LocalExecutor {
  return new LocalExecutor({
    trainer: request.trainerEntry,
    environment: {
      ...process.env,
      ...channelWorkerVariables({
        store: absoluteLocation(request.storeLocation),
        planKey: objectKeys.plan(run.key),
        dataRoot: request.dataRoot,
        engine: request.engine,
        batchThreads: batchThreadsFor(workers),
      }),
    },
    workers,
  });
}

/** Cores that no worker needs prepare batches: beyond four, one that decodes images has the engine wait no longer. */
function batchThreadsFor(workers: number): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / workers) - 1));
}

function describeTuning({ workers, tried, gain }: TuningResult): string {
  return `${workers} of ${tried} workers are used: measured, ${tried} get no more done (${workers} are ${gain.toFixed(1)} times as fast as 1)`;
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
