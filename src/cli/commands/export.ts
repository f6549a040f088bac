import { writeFile } from "node:fs/promises";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ExportOptions {
  readonly store: string;
  readonly run?: string;
  readonly to?: string;
  readonly output: OutputFormat;
}

/** `nightsweep export`: the weights of a finished trial for other programs. */
export const exportCommand: CommandDeclaration = {
  name: "export",
  configure: (command) =>
    command
      .description("Write the weights of a finished trial as a .safetensors file")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-t, --to <file>", "file that is written (default: <trial id>.safetensors)")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep export quickstart best --to weights.safetensors")
      .action((experiment: string, trial: string, options: ExportOptions) =>
        asCliError(() => exportWeights(experiment, trial, options)),
      ),
};

async function exportWeights(experiment: string, which: string, options: ExportOptions): Promise<void> {
  const { compareRun } = await import("../../compare/compare-run.ts");
  const { selectTrial } = await import("../../compare/select.ts");
  const { loadRun } = await import("../../record/load-run.ts");
  const { loadTrialWeights } = await import("../../record/load-weights.ts");
  const { encodeSafetensors } = await import("../../record/safetensors.ts");
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const records = await loadRun(store, run.experiment, run.runId, { parts: [] });
  const { trialId } = selectTrial(compareRun(records), which);
  const key = records.trials.find(({ trial }) => trial.id === trialId)?.key ?? "";
  const weights = await loadTrialWeights(store, key);
  if ("problem" in weights) throw new CliError(exitCodes.invalidInput, `${weights.problem}\n  fix: ${weights.fix}`);
  const file = options.to ?? `${trialId}.safetensors`;
  await writeFile(file, encodeSafetensors(weights.tensors));
  const tensors = weights.tensors.map(({ name, shape }) => ({ name, shape }));
  const rows = tensors.map(({ name, shape }) => ({ name, shape: shape.join("×") }));
  const columns = ["name", "shape"].map((key) => ({ key, label: key, align: "left" }) as const);
  const json = { schemaVersion: 1, trialId, file, tensors };
  await printResult(
    {
      json,
      table: { columns, rows },
      human: () => `${file}: ${rows.length} tensors of trial ${trialId}`,
    },
    options.output,
  );
}
