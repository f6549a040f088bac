import { Option } from "commander";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { RunObserver } from "../../orchestrate/run-experiment.ts";
import type { StopReason } from "../../record/run-sessions.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { amountFlag, integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { trainerEntry } from "../product.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface RunOptions {
  readonly store: string;
  readonly workers?: number;
  readonly cache: boolean;
  readonly output: OutputFormat;
  readonly set: readonly string[];
  readonly failFast?: true;
  readonly keepGoing?: true;
  readonly pricePerHour?: number;
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
        "trials side by side (default: `resources.workers`, or one per core)",
        integerFlag(1, 256),
      )
      .option("--no-cache", "train all trials again, also those that earlier runs finished")
      .addOption(new Option("--fail-fast", "stop at the first trial that fails for good").conflicts("keepGoing"))
      .option("--keep-going", "run the other trials however many fail, and however alike")
      .option("--price-per-hour <usd>", "what an hour of this machine costs, for run.budget.usd", amountFlag)
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Ctrl-C once finishes the current steps, writes checkpoints and stops (exit code 75): the same command goes on from
there. Ctrl-C twice stops at once (exit code 130); the next run goes on from the last checkpoints. A run that one of
the rules in its \`run:\` section stops (failures, time, budget) has exit code 2.

Examples:
  nightsweep run experiments/quickstart.yaml
  nightsweep run experiments/quickstart.yaml --fail-fast --set run.runTimeLimit=8h`,
      )
      .action((file: string, options: RunOptions) => asCliError(() => run(file, options))),
};

async function run(file: string, options: RunOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, { settings: options.set, store });
  const [{ runExperiment }, { watchRun }, { compareRun }, { comparisonResult }, { stopLines }] = await Promise.all([
    import("../../orchestrate/run-experiment.ts"),
    import("../watch-run.ts"),
    import("../../compare/compare-run.ts"),
    import("../comparison-result.ts"),
    import("../stop-lines.ts"),
  ]);
  const watch = watchRun(loaded.plan, process.stderr);
  let stopped: StopReason | undefined;
  const observer: RunObserver = {
    onOpen: (opened, state) => watch.observer.onOpen(opened, state),
    onEvent: (event, after) => watch.observer.onEvent(event, after),
    onStop(reason) {
      stopped = reason;
      watch.observer.onStop(reason);
    },
  };
  try {
    const records = await runExperiment({
      ...loaded,
      store,
      storeLocation: options.store,
      trainerEntry: trainerEntry(),
      workers: options.workers ?? loaded.plan.resources.workers,
      isCacheUsed: options.cache,
      flags: options,
      observer,
      stop: watch.stop,
      kill: watch.kill,
    });
    watch.end();
    const comparison = compareRun(records);
    await printResult(comparisonResult(comparison), options.output);
    process.exitCode = exitCodeOf({ ...watch, stopped }, records.trials);
    const { finished, planned } = comparison.trialCounts;
    const counts = `${finished} of ${planned} trials finished`;
    if (process.exitCode === exitCodes.checkpointed || process.exitCode === exitCodes.interrupted)
      process.stderr.write(`Stopped with ${counts}. Run the same command again to go on.\n`);
    else if (stopped !== undefined) process.stderr.write(`${stopLines(stopped, counts).join("\n")}\n`);
    else if (process.exitCode === exitCodes.trialsFailed)
      process.stderr.write(`Ended with ${counts}. See why with: nightsweep status ${records.experiment}\n`);
  } finally {
    watch.end();
  }
}

function exitCodeOf(
  ending: { readonly stop: AbortSignal; readonly kill: AbortSignal; readonly stopped: StopReason | undefined },
  trials: readonly { readonly state: { readonly type: string } }[],
): number {
  const isComplete = trials.every(({ state }) => state.type === "finished");
  if (ending.kill.aborted) return exitCodes.interrupted;
  if (isComplete) return exitCodes.done;
  if (ending.stopped?.rule === "infrastructure") return exitCodes.infrastructure;
  if (ending.stopped !== undefined) return exitCodes.stoppedByRule;
  return ending.stop.aborted ? exitCodes.checkpointed : exitCodes.trialsFailed;
}
