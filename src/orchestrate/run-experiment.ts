import { randomBytes } from "node:crypto";
import { channelWorkerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialEvent } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { loadRun } from "../record/load-run.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { writeIndex } from "../record/run-index.ts";
import { loadTrialState } from "../record/load-trial.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { defaultMaxAttempts } from "./decide.ts";
import { engineToGoOnWith } from "./engine-to-go-on-with.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { LiveRunState, type RunState } from "./run-state.ts";
import { runTrials } from "./run-trials.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a line for people if another engine than was to be expected is taken. */
  onEngine?(line: string): void;
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
    const engine = await engineToGoOnWith(store, run.records, request.engine);
    if (engine.reason !== undefined) observer.onEngine?.(engine.reason);
    const executor = new LocalExecutor({
      trainer: request.trainerEntry,
      environment: {
        ...process.env,
        ...channelWorkerVariables({
          store: absoluteLocation(request.storeLocation),
          planKey: objectKeys.plan(run.key),
          dataRoot: request.dataRoot,
          engine: engine.choice,
        }),
      },
      ...(request.workers === undefined ? {} : { workers: request.workers }),
    });
    await runTrials(
      state,
      { slots: executor.slots, maxAttempts: defaultMaxAttempts },
      {
        executor,
        journal: createJournal(store, plan, run.runId),
        control: {
          stop,
          kill,
          async onEvent(event) {
            observer.onEvent(event, { state, result: await resultOf(event, request, run) });
          },
        },
      },
    );
  }
  const records = await loadRun(store, plan.experiment, run.runId, { parts: ["environment"] });
  await writeIndex(store, records);
  return records;
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
