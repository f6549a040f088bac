import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { EngineChoice } from "../contract/trainer-environment.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { trainerEntry } from "./product.ts";
import type { StopSignals } from "./stop-signals.ts";
import { sayThreads, workersForThreads } from "./trial-threads.ts";

/** How the trials of a planned experiment are trained on this machine. */
export interface TrainOptions {
  readonly store: Store;
  /** What workers open the same store with. */
  readonly storeLocation: string;
  /** Trials side by side; absent = as the experiment says, or one per core. */
  readonly workers?: number | undefined;
  readonly isCacheUsed: boolean;
  readonly engine: EngineChoice;
  readonly signals: StopSignals;
}

/**
 * Trains what isn't finished of a planned experiment, and shows on stderr how it goes.
 * @returns the run's records afterwards, and the exit code that says how it went
 */
export async function train(
  loaded: LoadedPlan,
  { store, storeLocation, workers, isCacheUsed, engine, signals }: TrainOptions,
): Promise<{ readonly records: RunRecords; readonly exitCode: ExitCode }> {
  const [{ runExperiment }, { watchRun }] = await Promise.all([
    import("../orchestrate/run-experiment.ts"),
    import("./watch-run.ts"),
  ]);
  const { stop, kill } = signals;
  const { resources } = loaded.plan;
  sayThreads(resources.threads, engine);
  const watch = watchRun(loaded.plan, process.stderr, stop);
  try {
    const records = await runExperiment({
      ...loaded,
      store,
      storeLocation,
      trainerEntry: trainerEntry(),
      workers: workers ?? resources.workers ?? workersForThreads(resources.threads, engine),
      isCacheUsed,
      engine,
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
