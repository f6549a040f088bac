import type { Comparison } from "../../compare/comparison.ts";
import type { ConfigurationId } from "../../plan/plan.ts";
import type { Store } from "../../record/store.ts";
import { maxTopK } from "../../spec/max-top-k.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { integerFlag, outputOption, printResult, type CommandResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface CompareOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
  readonly confusion?: string;
  readonly diff?: readonly string[];
  readonly metrics?: true;
  readonly topK?: number;
  readonly baseline?: string;
  readonly importance?: true;
  readonly pareto?: true;
}

/** `nightsweep compare`: leaderboard, a confusion matrix, or the difference of two. */
export const compareCommand: CommandDeclaration = {
  name: "compare",
  configure: (command) =>
    command
      .description("Compare the configurations of a run: leaderboard, confusion matrices, differences")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("-c, --confusion <which>", "confusion matrix and per-class table of `best`, a rank, or an id's beginning")
      .option(
        "-d, --diff <a b...>",
        "difference a − b of two confusion matrices; each is `best`, a rank, an id's beginning, or <experiment>:<which>",
      )
      .option(
        "-m, --metrics",
        "show every figure: also weighted F1, kappa, log loss, Brier score, calibration error; with -c, calibration",
      )
      .option("-b, --baseline <which>", "test the others against `best`, a rank or an id's beginning (default: best)")
      .option("-i, --importance", "show which swept fields matter (from 20 finished trials on)")
      .option("-p, --pareto", "show what is not beaten in accuracy and time, parameters or cost together")
      .option("-k, --top-k <k>", "show the top-k accuracy (default: `evaluation.topK`)", integerFlag(2, maxTopK))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep compare quickstart
  nightsweep compare quickstart --importance --pareto
  nightsweep compare quickstart --confusion best
  nightsweep compare lenet5-mnist --diff best mlp-mnist:best`,
      )
      .action((experiment: string, options: CompareOptions) => asCliError(() => compare(experiment, options))),
};

async function compare(experiment: string, options: CompareOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  await printResult(await resultOf(store, experiment, options), options.output);
}

async function resultOf(store: Store, experiment: string, options: CompareOptions): Promise<CommandResult> {
  if (options.diff !== undefined) return diffResult(store, experiment, options);
  if (options.confusion !== undefined) return matrixResult(store, experiment, options);
  const { compareRun } = await import("../../compare/compare-run.ts");
  const { comparisonResult } = await import("../comparison-result.ts");
  const { loadRun } = await import("../../record/load-run.ts");
  const run = await findRun(store, { target: experiment, run: options.run });
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const topK = options.topK === undefined ? {} : { topK: options.topK };
  const baselineId = await baselineOf(compareRun(records, topK), options.baseline);
  const comparison = compareRun(records, { ...topK, ...(baselineId === undefined ? {} : { baselineId }) });
  return comparisonResult(comparison, {
    figures: options.metrics === true ? "all" : "usual",
    hasImportance: options.importance === true,
    hasPareto: options.pareto === true,
  });
}

async function baselineOf(comparison: Comparison, which: string | undefined): Promise<ConfigurationId | undefined> {
  if (which === undefined) return undefined;
  const { selectSubject } = await import("../../compare/select.ts");
  const subject = selectSubject(comparison, which);
  const id =
    subject.type === "configuration"
      ? subject.configurationId
      : comparison.trials.find(({ trialId }) => trialId === subject.trialId)?.configurationId;
  if (comparison.configurations.some(({ rank, configurationId }) => rank !== undefined && configurationId === id))
    return id;
  const { CliError } = await import("../cli-error.ts");
  const { exitCodes } = await import("../../contract/exit-codes.ts");
  throw new CliError(exitCodes.missingInput, `--baseline ${which} is not ranked: not all of its seeds are finished`);
}

async function matrixResult(
  store: Store,
  experiment: string,
  { run, metrics, confusion: which = "best" }: CompareOptions,
): Promise<CommandResult> {
  const { confusionResult } = await import("../confusion-result.ts");
  const { calibrationOf } = await import("../../compare/calibration-of.ts");
  const { loadConfusion, loadPredictionsOf } = await import("../load-confusion.ts");
  const found = await loadConfusion(store, { experiment, run, which });
  const predictions = await loadPredictionsOf(store, found);
  const calibration = predictions === undefined ? undefined : calibrationOf(predictions);
  return confusionResult(found.table, { calibration, isCalibrationShown: metrics === true });
}

async function diffResult(
  store: Store,
  experiment: string,
  { diff = [], run }: CompareOptions,
): Promise<CommandResult> {
  const { confusionDiff } = await import("../../compare/confusion-diff.ts");
  const { confusionDiffResult } = await import("../confusion-result.ts");
  const { CliError } = await import("../cli-error.ts");
  const { exitCodes } = await import("../../contract/exit-codes.ts");
  const { loadConfusion, loadPredictionsOf, splitReference } = await import("../load-confusion.ts");
  const [a, b, ...rest] = diff.map((reference) => splitReference(reference, { experiment, run }));
  if (a === undefined || b === undefined || rest.length > 0) {
    throw new CliError(exitCodes.usage, "--diff takes two, e.g. --diff best 2, or --diff best mlp-mnist:best");
  }
  const [inA, inB] = [await loadConfusion(store, a), await loadConfusion(store, b)];
  const predictions = { a: await loadPredictionsOf(store, inA), b: await loadPredictionsOf(store, inB) };
  const isComplete = predictions.a !== undefined && predictions.b !== undefined;
  const { a: ofA = [], b: ofB = [] } = predictions;
  return confusionDiffResult(confusionDiff(inA.table, inB.table, isComplete ? { a: ofA, b: ofB } : undefined));
}
