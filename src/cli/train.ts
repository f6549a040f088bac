import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { EngineChoice } from "../contract/trainer-environment.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { RunObserver } from "../orchestrate/run-experiment.ts";
import type { PolicyFlags } from "../orchestrate/run-policy.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { trainerEntry } from "./product.ts";
import type { StopSignals } from "./stop-signals.ts";

/** How the trials of a planned experiment are trained on this machine. */
export interface TrainOptions {
  readonly store: Store;
  /** What workers open the same store with. */
  readonly storeLocation: string;
  /** Trials side by side; absent = as the experiment says, or one per core. */
  readonly workers?: number | undefined;
  readonly isCacheUsed: boolean;
  /** Whether a run that was paused or cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  readonly engine: EngineChoice;
  /** Flags that change when a run stops; absent = as the experiment says. */
  readonly flags?: PolicyFlags;
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
  { store, storeLocation, workers, isCacheUsed, isResumed, engine, flags = {}, signals }: TrainOptions,
): Promise<Trained> {
  const [{ runExperiment }, { watchRun }] = await Promise.all([
    import("../orchestrate/run-experiment.ts"),
    import("./watch-run.ts"),
  ]);
  const { stop, kill } = signals;
  const watch = watchRun(loaded.plan, process.stderr, stop);
  let stopped: StopReason | undefined;
  const observer: RunObserver = {
    onOpen: (opened, state) => watch.observer.onOpen(opened, state),
    onEvent: (event, after) => watch.observer.onEvent(event, after),
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
      workers: workers ?? loaded.plan.resources.workers,
      isCacheUsed,
      isResumed,
      engine,
      flags,
      observer,
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
