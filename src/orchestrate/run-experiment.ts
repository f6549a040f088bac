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
import type { TrialResult } from "../record/trial-record.ts";
import { closeRun } from "./close-run.ts";
import { ControlWatch } from "./control-watch.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { processClock } from "./run-clock.ts";
import { policyOf, type PolicyFlags } from "./run-policy.ts";
import { LiveRunState, type RunState, type RunWish } from "./run-state.ts";
import { loadSpent, SessionLog } from "./session-log.ts";
import { runTrials } from "./run-trials.ts";
import { takeUpRun } from "./take-up-run.ts";

/** Slots cost nothing until they are used: so many workers can be asked for while a run goes on. */
const maxWorkers = 256;

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called after every change, with the result if a trial has finished. */
  /** Called when people ask something else of the run. */
  onWish?(wish: RunWish): void;
  /** Called when one of the run's rules stops it. */
  onStop(reason: StopReason): void;
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
  /** Whether a run that was paused or cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  /** What computes; absent = the embedded engine. */
  readonly engine?: EngineChoice;
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
  const { store, plan, observer, stop, kill } = request;
  const sources = { now: () => new Date(), randomBytes };
  const run = await openRun({ ...request, ...sources });
  const spentBefore = await loadSpent(store, run.key);
  const state = new LiveRunState(plan.trials.length, run.known, {
    configurationOf: (trialIndex) => plan.trials[trialIndex]?.configuration ?? -1,
    spentBefore,
  });
  const control = state.counts.waiting > 0 ? await takeUpRun(store, run, { ...request, now: sources.now }) : undefined;
  observer.onOpen(run, state);
  if (state.counts.waiting > 0) {
    if (control?.state === "paused") observer.onWish?.({ state: "paused" });
    const executor = new LocalExecutor({
      trainer: request.trainerEntry,
      environment: {
        ...process.env,
        ...channelWorkerVariables({
          store: absoluteLocation(request.storeLocation),
          planKey: objectKeys.plan(run.key),
          dataRoot: request.dataRoot,
          engine: request.engine,
        }),
      },
      workers: maxWorkers,
    });
    const before = { ...spentBefore, controlVersion: control?.version ?? 0 };
    const session = new SessionLog({ store, run: run.key }, sources, before);
    await session.write(state);
    const wishes = new ControlWatch({ store, plan, run: run.key }, control, {
      onChange(wish, version) {
        observer.onWish?.(wish);
        void session.obey(version, state).catch(() => undefined);
      },
      // What can't be written now is written the next time.
      onLook: () => void session.keep(state).catch(() => undefined),
    });
    const slots = request.workers ?? availableParallelism();
    const trials = runTrials(state, policyOf(plan.run, slots, request.flags), {
      executor,
      clock: processClock,
      journal: createJournal(store, plan, run.runId),
      control: {
        stop,
        kill,
        wishes,
        onStop: (reason) => observer.onStop(reason),
        async onEvent(event) {
          observer.onEvent(event, { state, result: await resultOf(event, request, run) });
          await session.keep(state);
        },
      },
    });
    await trials.finally(() => wishes.end());
    await session.end(state);
  }
  return closeRun(store, { experiment: plan.experiment, runId: run.runId }, state);
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
