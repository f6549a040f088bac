import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import path from "node:path";
import { channelWorkerVariables } from "../contract/trainer-environment.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialEvent } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { loadRun } from "../record/load-run.ts";
import { writeIndex } from "../record/run-index.ts";
import { loadTrialState } from "../record/load-trial.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { defaultMaxAttempts } from "./decide.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { planWorkers } from "./plan-workers.ts";
import { describeWorkers } from "./choose-workers.ts";
import { LiveRunState, type RunState } from "./run-state.ts";
import { runTrials } from "./run-trials.ts";
import type { TuningResult } from "./worker-tuner.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a line about how many workers there are and why, when it is known and when it is found to be another. */
  onWorkers?(line: string): void;
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
  const run = await openRun({ ...request, now: () => new Date(), randomBytes });
  const state = new LiveRunState(plan.trials.length, run.known);
  observer.onOpen(run, state);
  if (state.counts.waiting > 0) {
    const workers = await planWorkers(plan, { engine: "wasm", asked: request.workers, trials: state.counts.waiting });
    const { choice, tuner } = workers;
    observer.onWorkers?.(`${describeWorkers(choice)}${tuner ? "; measuring whether they pay" : ""}`);
    const executor = new LocalExecutor({
      trainer: request.trainerEntry,
      environment: {
        ...process.env,
        ...channelWorkerVariables({
          store: path.resolve(request.storeLocation),
          planKey: objectKeys.plan(run.key),
          dataRoot: request.dataRoot,
          batchThreads: batchThreadsFor(choice.count),
        }),
      },
      workers: choice.count,
    });
    await runTrials(
      state,
      {
        // While it is being found out how many pay, not all may be used yet.
        get slots() {
          return tuner?.slots ?? executor.slots;
        },
        maxAttempts: defaultMaxAttempts,
      },
      {
        executor,
        journal: createJournal(store, plan, run.runId),
        control: {
          stop,
          kill,
          async onEvent(event) {
            const slotsBefore = tuner?.slots;
            tuner?.onEvent(event);
            if (tuner?.result !== undefined && tuner.slots !== slotsBefore)
              observer.onWorkers?.(describeTuning(tuner.result));
            observer.onEvent(event, { state, result: await resultOf(event, request, run) });
          },
        },
      },
    );
    await workers.save();
  }
  const records = await loadRun(store, plan.experiment, run.runId, { parts: ["environment"] });
  await writeIndex(store, records);
  return records;
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
