import { writeFile } from "node:fs/promises";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface CardOptions {
  readonly store: string;
  readonly run?: string;
  readonly file?: string;
  readonly output: OutputFormat;
}

/** `nightsweep card`: a trial's model card. */
export const cardCommand: CommandDeclaration = {
  name: "card",
  configure: (command) =>
    command
      .description("Write a model card in Markdown: data, architecture, training, figures, limits, provenance")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-f, --file <path>", "where to write it (default: card-<trial id>.md)")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep card quickstart best --file MODEL_CARD.md")
      .action((experiment: string, trial: string, options: CardOptions) =>
        asCliError(() => card(experiment, trial, options)),
      ),
};

async function card(experiment: string, which: string, options: CardOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const { renderTrialCard } = await import("../../orchestrate/render-trial-card.ts");
  const { writtenFilesResult } = await import("../written-files-result.ts");
  const { trialId, markdown } = await renderTrialCard(store, run, which);
  const file = options.file ?? `card-${trialId}.md`;
  await writeFile(file, markdown);
  const bytes = Buffer.byteLength(markdown);
  await printResult(writtenFilesResult([{ file, bytes }], { trialId, runId: run.runId }), options.output);
}
