import { randomBytes, randomUUID } from "node:crypto";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialEvent } from "../execute/executor.ts";
import { estimateRunStorage } from "../plan/outlook/run-storage.ts";
import { loadTrialState } from "../record/load-trial.ts";
import type { ControlDocument } from "../record/run-control.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { closeRun } from "./close-run.ts";
import { checkSpace, guardStore, type SpaceSource, type StoreGuard, type StoreTrouble } from "./guard-store.ts";
import { engineToGoOnWith } from "./engine-to-go-on-with.ts";
import { ControlWatch } from "./control-watch.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { MachineShare, shareFolder, wantedSlots } from "./machine-share.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { planWorkers } from "./plan-workers.ts";
import { processClock } from "./run-clock.ts";
import { policyOf, type PolicyFlags } from "./run-policy.ts";
import { describeWorkers } from "./choose-workers.ts";
import { LiveRunState, type RunShare, type RunState, type RunWish } from "./run-state.ts";
import { loadSpent, SessionLog } from "./session-log.ts";
import { runTrials, type RunControl } from "./run-trials.ts";
import { startWorkers, type WorkersRequest } from "./start-workers.ts";
import { takeUpRun } from "./take-up-run.ts";
import type { TuningResult, WorkerTuner } from "./worker-tuner.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a sentence that a person should read. */
  onWarning?(text: string): void;
  /** Called with a line about how many workers there are and why, when it is known and when it is found to be another. */
  onWorkers?(line: string): void;
  /** Called when runs of higher priority leave more or less of the machine; undefined = there are none. */
  onShare?(share: RunShare | undefined): void;
  /** Called when people ask something else of the run. */
  onWish?(wish: RunWish): void;
  /** Called when one of the run's rules stops it. */
  onStop(reason: StopReason): void;
  /** Called after every change, with the result if a trial has finished. */
  onEvent(event: TrialEvent, after: { readonly state: RunState; readonly result: TrialResult | undefined }): void;
}

/** A planned experiment that is to be run on this machine. */
export interface LocalRunRequest extends LoadedPlan, Omit<WorkersRequest, keyof LoadedPlan> {
  /** Trials side by side; undefined = as many as pay and fit. */
  readonly workers: number | undefined;
  readonly isCacheUsed: boolean;
  /** The run that a new one is to confirm. */
  readonly confirms?: string | undefined;
  /** Whether a run that was paused or cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  /** What `engine` is expected to come to here; absent = the embedded engine. */
  readonly plannedEngine?: PlannedEngine;
  readonly flags: PolicyFlags;
  /** How the run goes before others on this machine: the higher first; absent = 0. */
  readonly priority?: number | undefined;
  /** How much room the store has; absent = it is not looked at. */
  readonly space?: SpaceSource;
  readonly observer: RunObserver;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** How soon a run notices at the latest that another goes before it. */
const shareEveryMs = 2000;

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
  const control = state.counts.waiting > 0 ? await takeUpRun(store, run, { ...request, now: sources.now }) : undefined;
  observer.onOpen(run, state);
  const trained = new Set<string>();
  let trouble: StoreTrouble | undefined;
  if (state.counts.waiting > 0) {
    if (control?.state === "paused") observer.onWish?.({ state: "paused" });
    const { pricePerHour } = request.flags;
    const before = { ...spentBefore, controlVersion: control?.version ?? 0, pricePerHour };
    const session = new SessionLog({ store, run: run.key }, sources, before);
    trouble = await trainWaiting(request, { run, state, session, control, trained });
    await session.end(state);
  }
  const records = await closeRun(store, { experiment: plan.experiment, runId: run.runId }, { state, trained });
  if (trouble !== undefined && records.trials.some(({ state }) => state.type !== "finished")) throw trouble.error;
  return records;
}

/** What belongs to a run while it goes on. */
interface OngoingRun {
  readonly run: OpenedRun;
  readonly state: LiveRunState;
  readonly session: SessionLog;
  /** What people asked of it when it was taken up. */
  readonly control: ControlDocument | undefined;
  /** Ids of the trials that were trained, added as they finish. */
  readonly trained: Set<string>;
}

/** @returns what was wrong with the store, if that stopped the run */
async function trainWaiting(request: LocalRunRequest, ongoing: OngoingRun): Promise<StoreTrouble | undefined> {
  const { store, plan, observer, stop, kill } = request;
  const { run, state, session } = ongoing;
  const { choice: engine, reason } = await engineToGoOnWith(store, run.records, request.engine);
  if (reason !== undefined) observer.onWarning?.(reason);
  const plannedEngine = engine === undefined || engine === "auto" ? (request.plannedEngine ?? "wasm") : engine;
  const trials = state.counts.waiting;
  const workers = await planWorkers(plan, { engine: plannedEngine, asked: request.workers, trials });
  const { choice, tuner, threads } = workers;
  observer.onWorkers?.(`${describeWorkers(choice)}${tuner ? "; measuring whether they pay" : ""}`);
  const guard = await lookAfterStore(request, ongoing, choice.count);
  await session.write(state);
  const sessionId = randomUUID();
  const executor = await startWorkers(
    { ...request, ...(engine && { engine }), onNotice: (notice) => request.observer.onWarning?.(notice) },
    { run, workers: choice.count, sessionId },
  );
  const wishes = watchWishes(request, ongoing, tuner);
  // While it is being found out how many pay, not all may be used yet; the executor has slots for whatever is asked.
  const slots = (): number => tuner?.slots ?? choice.count;
  const share = await shareMachine(request, ongoing, { slots, threads });
  const parts = {
    executor,
    clock: processClock,
    journal: createJournal(store, plan, run.runId, { session: sessionId, ignoresLedger: run.ignoresLedger }),
    control: {
      stop: guard === undefined ? stop : AbortSignal.any([stop, guard.signal]),
      kill,
      wishes,
      share,
      ...observe(request, ongoing, tuner),
    },
  };
  try {
    await runTrials(state, policyOf(plan.run, slots, request.flags), parts);
  } finally {
    wishes.end();
    guard?.end();
    await share.end();
  }
  if (guard?.trouble?.isGone === true) throw guard.trouble.error;
  await workers.save();
  return guard?.trouble;
}

/** Tells those who watch a run, and keeps its session's document. */
function observe(
  request: LocalRunRequest,
  { run, state, session, trained }: OngoingRun,
  tuner: WorkerTuner | undefined,
): Pick<RunControl, "onStop" | "onShare" | "onEvent"> {
  const { plan, observer } = request;
  return {
    onStop: (reason) => observer.onStop(reason),
    onShare(share) {
      tuner?.abandon();
      observer.onShare?.(share);
    },
    async onEvent(event) {
      const slotsBefore = tuner?.slots;
      tuner?.onEvent(event);
      if (tuner?.result !== undefined && tuner.slots !== slotsBefore)
        observer.onWorkers?.(describeTuning(tuner.result));
      if (event.type === "finished") trained.add(plan.trials[event.trialIndex]?.id ?? "");
      observer.onEvent(event, { state, result: await resultOf(event, request, run) });
      await session.keep(state);
    },
  };
}

/** Gives way to runs of higher priority before anything starts. @returns what does so from then on */
async function shareMachine(
  { store, plan, priority = 0, observer }: LocalRunRequest,
  { run, state }: OngoingRun,
  { slots, threads }: { readonly slots: () => number; readonly threads: number },
): Promise<MachineShare> {
  const { experiment } = plan;
  const share = new MachineShare(
    {
      experiment,
      runId: run.runId,
      priority: () => state.wish.priority ?? priority,
      wantedSlots: () => wantedSlots(state, slots()),
      threads,
    },
    { folder: shareFolder(process.env), intervalMs: Math.min(shareEveryMs, pollIntervalMs(store)) },
  );
  const left = await share.look();
  if (state.markShare(left)) observer.onShare?.(left);
  return share;
}

/** @returns what looks for what people ask of the run */
function watchWishes(
  { store, plan, observer }: LocalRunRequest,
  { run, state, session, control }: OngoingRun,
  tuner: WorkerTuner | undefined,
): ControlWatch {
  return new ControlWatch({ store, plan, run: run.key }, control, {
    onChange(wish, version) {
      if (wish.state !== "running" || wish.workers !== undefined) tuner?.abandon();
      observer.onWish?.(wish);
      void session.obey(version, state).catch(() => undefined);
    },
    // What can't be written now is written the next time.
    onLook: () => void session.keep(state).catch(() => undefined),
  });
}

/** @returns what watches the store's room, if that is wanted */
async function lookAfterStore(
  { store, plan, observer, space }: LocalRunRequest,
  { run, state }: OngoingRun,
  workers: number,
): Promise<StoreGuard | undefined> {
  if (space === undefined) return undefined;
  const storage = estimateRunStorage(plan, (index) => state.trials[index]?.type === "waiting");
  // Those that were told to leave for a smaller number still have to write their checkpoints.
  const sideBySide = (): number => Math.max(state.counts.running, state.wish.workers ?? workers);
  const guarded = { store, run: run.key, storage, workers: sideBySide };
  const warning = await checkSpace(guarded, space);
  if (warning !== undefined) observer.onWarning?.(warning);
  return guardStore(guarded, space);
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
