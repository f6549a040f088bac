import { parseClaimTimes } from "../contract/claim-variables.ts";
import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { EngineChoice } from "../contract/trainer-environment.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { RunObserver } from "../orchestrate/run-experiment.ts";
import type { PolicyFlags } from "../orchestrate/run-policy.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { freeBytesAt } from "../record/free-space.ts";
import { CliError } from "./cli-error.ts";
import { plannedEngineOf, sayThreads } from "./engine-option.ts";
import { trainerEntry } from "./product.ts";
import type { StopSignals } from "./stop-signals.ts";

/** How the trials of a planned experiment are trained on this machine. */
export interface TrainOptions {
  readonly store: Store;
  /** What workers open the same store with. */
  readonly storeLocation: string;
  /** Trials side by side; absent = as the experiment says, or as many as pay and fit. */
  readonly workers?: number | undefined;
  readonly isCacheUsed: boolean;
  /** The run that this one is to confirm. */
  readonly confirms?: string | undefined;
  /** Whether a run that was paused or cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  readonly engine: EngineChoice;
  /** How the run goes before others on this machine; absent = 0. */
  readonly priority?: number | undefined;
  /** Flags that change when a run stops; absent = as the experiment says. */
  readonly flags?: PolicyFlags;
  /** Whether the run is refused or stopped where the store has no room for it; absent = yes. */
  readonly isSpaceChecked?: boolean;
  readonly signals: StopSignals;
}

/** How a run ended. */
export interface Trained {
  /** The run's records afterwards. */
  readonly records: RunRecords;
  readonly exitCode: ExitCode;
  /** The rule that stopped it, if one did. */
  readonly stopped: StopReason | undefined;
}

/** Trains what isn't finished of a planned experiment, and shows on stderr how it goes. */
export async function train(
  loaded: LoadedPlan,
  {
    store,
    storeLocation,
    workers,
    isCacheUsed,
    confirms,
    isResumed,
    isSpaceChecked = true,
    engine,
    priority,
    flags = {},
    signals,
  }: TrainOptions,
): Promise<Trained> {
  const [{ runExperiment }, { watchRun }, { largestWasmHeap }, { wasmHeapLines }] = await Promise.all([
    import("../orchestrate/run-experiment.ts"),
    import("./watch-run.ts"),
    import("../plan/outlook/outlook.ts"),
    import("./outlook-lines.ts"),
  ]);
  const [{ collectProvenance }, { ownFacts }, { loadPrevious }] = await Promise.all([
    import("../orchestrate/provenance/collect-provenance.ts"),
    import("./own-facts.ts"),
    import("./load-outlook.ts"),
  ]);
  const { stop, kill } = signals;
  const claims = parseClaimTimes(process.env);
  if ("problems" in claims) throw new CliError(exitCodes.usage, claims.problems.join("\n"));
  const plannedEngine = plannedEngineOf(engine);
  const provenance = await collectProvenance(loaded.experimentFile, ownFacts());
  const { resources } = loaded.plan;
  sayThreads(resources.threads, plannedEngine);
  const watch = watchRun(loaded.plan, process.stderr, {
    stop,
    previous: await loadPrevious(store, loaded.plan.experiment),
  });
  let stopped: StopReason | undefined;
  const observer: RunObserver = {
    onOpen(opened, state) {
      watch.observer.onOpen(opened, state);
      if (plannedEngine === "wasm" && state.counts.waiting > 0)
        for (const line of wasmHeapLines(largestWasmHeap(loaded.plan))) watch.observer.onWorkers?.(line);
    },
    onWorkers: (line) => watch.observer.onWorkers?.(line),
    onEvent: (event, after) => watch.observer.onEvent(event, after),
    onWarning: (text) => watch.observer.onWarning?.(text),
    onShare: (share) => watch.observer.onShare?.(share),
    onWish: (wish) => watch.observer.onWish?.(wish),
    onStop(reason) {
      stopped = reason;
      watch.observer.onStop(reason);
    },
  };
  try {
    const records = await runExperiment({
      ...loaded,
      store,
      storeLocation,
      trainerEntry: trainerEntry(),
      workers: workers ?? resources.workers,
      isCacheUsed,
      confirms,
      isResumed,
      engine,
      plannedEngine,
      priority,
      flags,
      observer,
      claimTimes: claims.times,
      provenance,
      ...(isSpaceChecked && { space: { freeBytes: () => freeBytesAt(storeLocation), everyMs: 2000 } }),
      stop,
      kill,
    });
    return { records, exitCode: exitCodeOf(signals, stopped, records), stopped };
  } finally {
    watch.end();
  }
}

function exitCodeOf({ stop, kill }: StopSignals, stopped: StopReason | undefined, { trials }: RunRecords): ExitCode {
  const isComplete = trials.every(({ state }) => state.type === "finished");
  if (kill.aborted) return exitCodes.interrupted;
  if (isComplete) return exitCodes.done;
  if (stopped?.rule === "cancelled") return exitCodes.cancelled;
  if (stopped?.rule === "infrastructure") return exitCodes.infrastructure;
  if (stopped !== undefined) return exitCodes.stoppedByRule;
  return stop.aborted ? exitCodes.checkpointed : exitCodes.trialsFailed;
}
