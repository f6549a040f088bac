import { randomBytes } from "node:crypto";
import { channelWorkerVariables } from "../contract/trainer-environment.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialEvent } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { estimateRunStorage } from "../plan/outlook/run-storage.ts";
import { loadRun } from "../record/load-run.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { writeIndex } from "../record/run-index.ts";
import { loadTrialState } from "../record/load-trial.ts";
import { type CollectedProvenance, writeProvenance } from "../record/provenance.ts";
import type { RunRecords } from "../record/run-records.ts";
import { sealRun } from "../record/run-seal.ts";
import type { Store } from "../record/store.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { defaultMaxAttempts } from "./decide.ts";
import { checkSpace, guardStore, type SpaceSource, type StoreGuard } from "./guard-store.ts";
import { createJournal } from "./journal.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { LiveRunState, type RunState } from "./run-state.ts";
import { runTrials } from "./run-trials.ts";

/** Who watches a run. */
export interface RunObserver {
  /** Called once, before anything is dispatched. */
  onOpen(run: OpenedRun, state: RunState): void;
  /** Called with a sentence that a person should read. */
  onWarning?(text: string): void;
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
  const run = await openRun({ ...request, now: () => new Date(), randomBytes });
  const state = new LiveRunState(plan.trials.length, run.known);
  observer.onOpen(run, state);
  const trained = new Set<string>();
  let guard: StoreGuard | undefined;
  if (state.counts.waiting > 0) {
    const provenance = request.provenance && (await writeProvenance(store, run.key, request.provenance));
    const executor = new LocalExecutor({
      trainer: request.trainerEntry,
      environment: {
        ...process.env,
        ...channelWorkerVariables({
          store: absoluteLocation(request.storeLocation),
          planKey: objectKeys.plan(run.key),
          dataRoot: request.dataRoot,
          provenance,
        }),
      },
      ...(request.workers === undefined ? {} : { workers: request.workers }),
    });
    const storage = estimateRunStorage(plan, (index) => state.trials[index]?.type === "waiting");
    const guarded = { store, run: run.key, storage, workers: executor.slots };
    const warning = request.space && (await checkSpace(guarded, request.space));
    if (warning !== undefined) observer.onWarning?.(warning);
    guard = request.space && guardStore(guarded, request.space);
    await runTrials(
      state,
      { slots: executor.slots, maxAttempts: defaultMaxAttempts },
      {
        executor,
        journal: createJournal(store, plan, run.runId),
        control: {
          stop: guard === undefined ? stop : AbortSignal.any([stop, guard.signal]),
          kill,
          async onEvent(event) {
            if (event.type === "finished") trained.add(plan.trials[event.trialIndex]?.id ?? "");
            observer.onEvent(event, { state, result: await resultOf(event, request, run) });
          },
        },
      },
    ).finally(() => guard?.end());
    if (guard?.trouble?.isGone === true) throw guard.trouble.error;
  }
  const records = await loadRun(store, plan.experiment, run.runId, { parts: ["environment"] });
  await writeIndex(store, records);
  await sealRun(store, records, trained);
  if (guard?.trouble !== undefined && records.trials.some(({ state }) => state.type !== "finished")) {
    throw guard.trouble.error;
  }
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
