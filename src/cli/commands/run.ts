import { exitCodes } from "../../contract/exit-codes.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { trainerEntry } from "../product.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface RunOptions {
  readonly store: string;
  readonly workers?: number;
  readonly cache: boolean;
  readonly output: OutputFormat;
  readonly set: readonly string[];
}

/** `nightsweep run`: trains what isn't trained yet, and compares. */
export const runCommand: CommandDeclaration = {
  name: "run",
  configure: (command) =>
    command
      .description("Train the trials of an experiment that aren't finished yet, and compare them")
      .argument("<file>", "experiment file")
      .option(
        "-w, --workers <n>",
        "trials side by side (default: `resources.workers`, or as many as cores, memory and a measurement allow)",
        integerFlag(1, 256),
      )
      .option("--no-cache", "train all trials again, also those that earlier runs finished")
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Ctrl-C once finishes the current steps, writes checkpoints and stops (exit code 75): the same command goes on from
there. Ctrl-C twice stops at once (exit code 130); the next run goes on from the last checkpoints.

Example:
  nightsweep run experiments/quickstart.yaml`,
      )
      .action((file: string, options: RunOptions) => asCliError(() => run(file, options))),
};

async function run(file: string, options: RunOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, { settings: options.set, store, engine: "wasm" });
  const [{ runExperiment }, { watchRun }, { compareRun }, { comparisonResult }] = await Promise.all([
    import("../../orchestrate/run-experiment.ts"),
    import("../watch-run.ts"),
    import("../../compare/compare-run.ts"),
    import("../comparison-result.ts"),
  ]);
  const watch = watchRun(loaded.plan, process.stderr);
  try {
    const records = await runExperiment({
      ...loaded,
      store,
      storeLocation: options.store,
      trainerEntry: trainerEntry(),
      workers: options.workers ?? loaded.plan.resources.workers,
      isCacheUsed: options.cache,
      observer: watch.observer,
      stop: watch.stop,
      kill: watch.kill,
    });
    watch.end();
    const comparison = compareRun(records);
    await printResult(comparisonResult(comparison), options.output);
    process.exitCode = exitCodeOf(watch, records.trials);
    if (process.exitCode === exitCodes.checkpointed || process.exitCode === exitCodes.interrupted) {
      const { finished, planned } = comparison.trialCounts;
      process.stderr.write(
        `Stopped with ${finished} of ${planned} trials finished. Run the same command again to go on.\n`,
      );
    }
  } finally {
    watch.end();
  }
}

function exitCodeOf(
  { stop, kill }: { readonly stop: AbortSignal; readonly kill: AbortSignal },
  trials: readonly { readonly state: { readonly type: string } }[],
): number {
  const isComplete = trials.every(({ state }) => state.type === "finished");
  if (kill.aborted) return exitCodes.interrupted;
  if (stop.aborted && !isComplete) return exitCodes.checkpointed;
  return isComplete ? exitCodes.done : exitCodes.trialsFailed;
}
