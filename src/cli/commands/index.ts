import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface IndexOptions {
  readonly store: string;
  readonly run?: string;
  readonly rebuild?: boolean;
  readonly output: OutputFormat;
}

/** `nightsweep index`: makes what is derived from a run's records again. */
export const indexCommand: CommandDeclaration = {
  name: "index",
  configure: (command) =>
    command
      .description("Make a run's index.jsonl and its entries in the ledger again from the records")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("--rebuild", "write them (needed: there is nothing else to do)")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep index quickstart --rebuild")
      .action((experiment: string, options: IndexOptions) => asCliError(() => index(experiment, options))),
};

async function index(experiment: string, options: IndexOptions): Promise<void> {
  if (options.rebuild !== true) throw new CliError(exitCodes.usage, "say what to do with the index: add --rebuild");
  const store = await openStoreAt(options.store);
  const { runId, experiment: name } = await findRun(store, { target: experiment, run: options.run });
  const [{ loadRun }, { writeIndex }, { completeLedger }, { objectKeys }] = await Promise.all([
    import("../../record/load-run.ts"),
    import("../../record/run-index.ts"),
    import("../../record/ledger.ts"),
    import("../../contract/object-keys.ts"),
  ]);
  const records = await loadRun(store, name, runId, { parts: [] });
  await writeIndex(store, records);
  const ledgerEntriesAdded = await completeLedger(store, records);
  const key = objectKeys.index(objectKeys.run(name, runId));
  const trials = records.trials.length;
  const finished = records.trials.filter(({ state }) => state.type === "finished").length;
  const row = { key, trials, finished, ledgerEntriesAdded };
  const json = { schemaVersion: 1, experiment: name, runId, ...row };
  await printResult(
    {
      json,
      table: {
        columns: [
          { key: "key", label: "key", align: "left" },
          { key: "trials", label: "trials", align: "right" },
          { key: "finished", label: "finished", align: "right" },
          { key: "ledgerEntriesAdded", label: "ledger entries added", align: "right" },
        ],
        rows: [row],
      },
      human: () =>
        `${key}: ${trials} trials, ${finished} finished\n` +
        (ledgerEntriesAdded === 0 ? "the ledger knew them all" : `added ${ledgerEntriesAdded} of them to the ledger`),
    },
    options.output,
  );
}
