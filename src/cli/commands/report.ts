import { writeFile } from "node:fs/promises";
import path from "node:path";
import { exitCodes } from "../../contract/exit-codes.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ReportOptions {
  readonly store: string;
  readonly run?: string;
  readonly file?: string;
  readonly images?: true;
  readonly output: OutputFormat;
}

/** `nightsweep report`: the comparison of a run as one self-contained HTML file. */
export const reportCommand: CommandDeclaration = {
  name: "report",
  configure: (command) =>
    command
      .description("Write the comparison of a run as one self-contained HTML file")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("-f, --file <path>", "where to write it (default: report/index.html in the run's record)")
      .option("--images", "also show pictures: training samples, test examples with predictions, mistakes")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep report quickstart --file report.html")
      .action((experiment: string, options: ReportOptions) => asCliError(() => report(experiment, options))),
};

async function report(experiment: string, options: ReportOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const { renderRunReport } = await import("../../orchestrate/render-run-report.ts");
  const rendered = await renderRunReport(store, run, { hasImages: options.images === true });
  if ("problem" in rendered) throw new CliError(exitCodes.invalidInput, rendered.problem);
  const html = new TextEncoder().encode(rendered.html);
  const key = objectKeys.report(objectKeys.run(run.experiment, run.runId));
  const file = path.resolve(options.file ?? path.join(options.store, key));
  if (options.file === undefined) await store.put(key, html);
  else await writeFile(file, html);
  const json = { schemaVersion: 1, file, runId: run.runId, bytes: html.length };
  await printResult(
    {
      json,
      table: {
        columns: [
          { key: "file", label: "file", align: "left" },
          { key: "bytes", label: "bytes", align: "right" },
        ],
        rows: [{ file, bytes: html.length }],
      },
      human: () => `${file} (${Math.ceil(html.length / 1024)} KiB): open it in any browser`,
    },
    options.output,
  );
}
