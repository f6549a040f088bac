import { Option } from "commander";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption, plannedEngineOf, sayEngine } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { amountFlag, integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { maxPriority } from "../priority.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface RunOptions {
  readonly store: string;
  readonly workers?: number;
  readonly cache: boolean;
  readonly resume?: true;
  readonly engine: EngineChoice;
  readonly spaceCheck: boolean;
  readonly output: OutputFormat;
  readonly set: readonly string[];
  readonly failFast?: true;
  readonly keepGoing?: true;
  readonly pricePerHour?: number;
  readonly priority?: number;
  readonly on?: "aws";
  readonly detach?: true;
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
      .option("--resume", "go on with a run that was paused or cancelled")
      .addOption(engineOption("the native one where it is installed, else wasm"))
      .addOption(new Option("--fail-fast", "stop at the first trial that fails for good").conflicts("keepGoing"))
      .option("--keep-going", "run the other trials however many fail, and however alike")
      .option(
        "--price-per-hour <usd>",
        "what an hour of this machine costs, for run.budget.usd and the costs in reports",
        amountFlag,
      )
      .option(
        "--priority <n>",
        `-${maxPriority} … ${maxPriority}: this machine's cores go to runs with a higher one first (default: 0)`,
        integerFlag(-maxPriority, maxPriority),
      )
      .addOption(new Option("--on <where>", "run on what `cdk deploy` has deployed, instead of here").choices(["aws"]))
      .addOption(new Option("--detach", "with --on aws: end as soon as it has been started"))
      .option("--no-space-check", "run even if the store seems to have no room for it")
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Ctrl-C once finishes the current steps, writes checkpoints and stops (exit code 75): the same command goes on from
there. Ctrl-C twice stops at once (exit code 130); the next run goes on from the last checkpoints. A run that one of
the rules in its \`run:\` section stops (failures, time, budget) has exit code 2, one that was cancelled 4. From another
terminal: nightsweep pause, resume, cancel, retry, set-workers, set-priority, logs -f.

With --on aws the run goes on when this command ends, whatever ends it; the same command follows it again. Records are in
the deployment's bucket: give it as --store, or in NIGHTSWEEP_STORE, to the other commands.

Examples:
  nightsweep run experiments/quickstart.yaml
  nightsweep run experiments/quickstart.yaml --fail-fast --set run.runTimeLimit=8h
  nightsweep run experiments/quickstart.yaml --on aws --detach`,
      )
      .action((file: string, options: RunOptions) => asCliError(() => run(file, options))),
};

async function run(file: string, options: RunOptions): Promise<void> {
  if (options.on === "aws") return runThere(file, options);
  if (options.detach === true) throw new CliError(exitCodes.usage, "--detach goes with --on aws only");
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, {
    settings: options.set,
    store,
    engine: plannedEngineOf(options.engine),
  });
  const [{ train }, { listenToStopSignals }, { compareRun }, { comparisonResult }, { stopLines }] = await Promise.all([
    import("../train.ts"),
    import("../stop-signals.ts"),
    import("../../compare/compare-run.ts"),
    import("../comparison-result.ts"),
    import("../stop-lines.ts"),
  ]);
  const signals = listenToStopSignals();
  const { workers, cache, resume, spaceCheck, engine, priority } = options;
  sayEngine(engine);
  const { records, exitCode, stopped } = await train(loaded, {
    store,
    storeLocation: options.store,
    workers,
    isCacheUsed: cache,
    isResumed: resume,
    engine,
    priority,
    flags: options,
    isSpaceChecked: spaceCheck,
    signals,
  }).finally(() => signals.end());
  const comparison = compareRun(records);
  await printResult(comparisonResult(comparison), options.output);
  process.exitCode = exitCode;
  const { finished, planned } = comparison.trialCounts;
  const counts = `${finished} of ${planned} trials finished`;
  if (exitCode === exitCodes.checkpointed || exitCode === exitCodes.interrupted)
    process.stderr.write(`Stopped with ${counts}. Run the same command again to go on.\n`);
  else if (stopped !== undefined) process.stderr.write(`${stopLines(stopped, counts).join("\n")}\n`);
  else if (exitCode === exitCodes.trialsFailed)
    process.stderr.write(`Ended with ${counts}. See why with: nightsweep status ${records.experiment}\n`);
}

/** Of a run on AWS: everything that `--workers` and the like say is decided there. */
async function runThere(file: string, { set, cache, resume, detach, output }: RunOptions): Promise<void> {
  const [{ loadDeployment }, { runOnAws }] = await Promise.all([
    import("../load-deployment.ts"),
    import("../run-on-aws.ts"),
  ]);
  const deployment = await loadDeployment();
  const store = await openStoreAt(deployment.store);
  const loaded = await requirePlan(file, { settings: set, store, engine: "tensorflow" });
  process.exitCode = await runOnAws(loaded, {
    store,
    deployment,
    output,
    isCacheUsed: cache,
    isResumed: resume === true,
    isDetached: detach === true,
  });
}
