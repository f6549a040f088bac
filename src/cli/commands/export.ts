import { InvalidArgumentError, Option } from "commander";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { exportedTableNames, type ExportedTableName } from "../../report/export/exported-table.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type CommandResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

const exportFormats = ["safetensors", "csv", "json", "parquet", "tensorboard", "mlflow"] as const;

interface ExportOptions {
  readonly store: string;
  readonly run?: string;
  readonly format: (typeof exportFormats)[number];
  readonly to?: string;
  readonly tables: readonly ExportedTableName[];
  readonly files: boolean;
  readonly output: OutputFormat;
}

/** `nightsweep export`: a trial's weights, or a run, for other programs. */
export const exportCommand: CommandDeclaration = {
  name: "export",
  configure: (command) =>
    command
      .description("Write a run for other programs: tables, TensorBoard, MLflow; or the weights of a trial")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id (default: `best` for weights, else all trials)")
      .addOption(new Option("-f, --format <format>", "what is written").choices(exportFormats).default("safetensors"))
      .option("-t, --to <where>", "file of the weights, folder of the others, address of an MLflow server")
      .option("--tables <names>", `for csv, json, parquet: which of ${exportedTableNames.join(",")}`, parseTables, [
        "trials",
        "curves",
      ])
      .option("--no-files", "to MLflow: only figures and parameters, no matrices, model cards and leaderboard")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep export quickstart best --to weights.safetensors
  nightsweep export quickstart --format parquet --tables trials,curves,predictions --to tables
  nightsweep export quickstart --format tensorboard --to logs
  nightsweep export quickstart --format mlflow --to http://127.0.0.1:5000

MLflow's address may also be in MLFLOW_TRACKING_URI; what the server asks for in MLFLOW_TRACKING_TOKEN, or
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
      )
      .action((experiment: string, trial: string | undefined, options: ExportOptions) =>
        asCliError(() => exportRun(experiment, trial, options)),
      ),
};

async function exportRun(experiment: string, trial: string | undefined, options: ExportOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  await printResult(await writeExport(store, { run, which: trial }, options), options.output);
}

async function writeExport(
  store: Store,
  selection: { readonly run: RunDocument; readonly which: string | undefined },
  { format, to, tables, files }: ExportOptions,
): Promise<CommandResult> {
  const folder = to ?? `${selection.run.experiment}-${format}`;
  switch (format) {
    case "safetensors": {
      const { exportWeights } = await import("../export/export-weights.ts");
      return exportWeights(store, selection.run, { which: selection.which ?? "best", to });
    }
    case "tensorboard": {
      const { exportEventFiles } = await import("../export/export-files.ts");
      return exportEventFiles(store, selection, folder);
    }
    case "mlflow": {
      const { exportToServer } = await import("../export/export-to-server.ts");
      return exportToServer(store, selection, { address: to, hasFiles: files, environment: process.env });
    }
    default: {
      const { exportTableFiles } = await import("../export/export-files.ts");
      return exportTableFiles(store, selection, { tables, format, folder });
    }
  }
}

function parseTables(text: string): ExportedTableName[] {
  return text.split(",").map((word) => {
    const name = exportedTableNames.find((known) => known === word.trim());
    if (name !== undefined) return name;
    throw new InvalidArgumentError(`"${word}" is none of ${exportedTableNames.join(", ")}`);
  });
}
