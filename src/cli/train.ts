import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { freeBytesAt } from "../record/free-space.ts";
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
  /** Whether the run is refused or stopped where the store has no room for it; absent = yes. */
  readonly isSpaceChecked?: boolean;
  readonly signals: StopSignals;
}

/**
 * Trains what isn't finished of a planned experiment, and shows on stderr how it goes.
 * @returns the run's records afterwards, and the exit code that says how it went
 */
export async function train(
  loaded: LoadedPlan,
  { store, storeLocation, workers, isCacheUsed, isSpaceChecked = true, signals }: TrainOptions,
): Promise<{ readonly records: RunRecords; readonly exitCode: ExitCode }> {
  const [{ runExperiment }, { watchRun }, { collectProvenance }, { ownFacts }, { loadPrevious }] = await Promise.all([
    import("../orchestrate/run-experiment.ts"),
    import("./watch-run.ts"),
    import("../orchestrate/provenance/collect-provenance.ts"),
    import("./own-facts.ts"),
    import("./load-outlook.ts"),
  ]);
  const { stop, kill } = signals;
  const provenance = await collectProvenance(loaded.experimentFile, ownFacts());
  const watch = watchRun(loaded.plan, process.stderr, {
    stop,
    previous: await loadPrevious(store, loaded.plan.experiment),
  });
  try {
    const records = await runExperiment({
      ...loaded,
      store,
      storeLocation,
      trainerEntry: trainerEntry(),
      workers: workers ?? loaded.plan.resources.workers,
      isCacheUsed,
      provenance,
      ...(isSpaceChecked && { space: { freeBytes: () => freeBytesAt(storeLocation), everyMs: 2000 } }),
      observer: watch.observer,
      stop,
      kill,
    });
    return { records, exitCode: exitCodeOf(signals, records) };
  } finally {
    watch.end();
  }
}

function exitCodeOf({ stop, kill }: StopSignals, { trials }: RunRecords): ExitCode {
  const isComplete = trials.every(({ state }) => state.type === "finished");
  if (kill.aborted) return exitCodes.interrupted;
  if (stop.aborted && !isComplete) return exitCodes.checkpointed;
  return isComplete ? exitCodes.done : exitCodes.trialsFailed;
}
