import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { storeOption } from "../store-option.ts";

interface ReproduceOptions {
  readonly store: string;
  readonly run?: string;
  readonly into?: string;
  readonly dataRoot?: string;
  readonly check?: true;
  readonly output: OutputFormat;
}

/** `nightsweep reproduce`: trains a finished trial again and says whether it comes out the same. */
export const reproduceCommand: CommandDeclaration = {
  name: "reproduce",
  configure: (command) =>
    command
      .description("Train a finished trial again, apart from the store, and say whether it comes out the same")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("--check", "train nothing: only compare code, versions and data, and verify the record")
      .option("--into <location>", "keep the new record in this store (default: it is deleted afterwards)")
      .option("--data-root <folder>", "where relative data folders start (default: the experiment file's folder)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Exit code 0 if every byte of metrics, model, predictions and result is the same, 3 if something differs, 65 if the
record or the data were changed since (nothing can be trained with other data), 1 if the training failed.

Examples:
  nightsweep reproduce quickstart best
  nightsweep reproduce quickstart best --check --output json`,
      )
      .action((experiment: string, trial: string, options: ReproduceOptions) =>
        asCliError(() => reproduce(experiment, trial, options)),
      ),
};

async function reproduce(target: string, which: string, options: ReproduceOptions): Promise<void> {
  const [{ reproduceTrial }, { reproductionResult }] = await Promise.all([
    import("../reproduce-trial.ts"),
    import("../reproduction-result.ts"),
  ]);
  const { store, run, into, dataRoot, check } = options;
  const request = { target, which, store, run, into, dataRoot, isCheckOnly: check === true };
  const reproduction = await reproduceTrial(request);
  await printResult(reproductionResult(reproduction), options.output);
  process.exitCode = reproduction.exitCode;
}
