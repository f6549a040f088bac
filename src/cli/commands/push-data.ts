import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface PushDataOptions {
  readonly store: string;
  readonly force?: true;
  readonly output: OutputFormat;
}

/** `nightsweep push-data`: uploads data sets once. */
export const pushDataCommand: CommandDeclaration = {
  name: "push-data",
  configure: (command) =>
    command
      .description("Upload the data sets of an experiment to a store, once, for runs that don't start here")
      .argument("<file>", "experiment file")
      .option("--force", "upload again what is there already")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
\`run --on aws\` does it by itself. Schedules need it once, and again after the data have changed: they take what was
uploaded last. Data sets are told apart by their content.

Example:
  nightsweep push-data my-experiment.yaml --store s3://my-bucket`,
      )
      .action((file: string, options: PushDataOptions) => asCliError(() => pushData(file, options))),
};

async function pushData(file: string, options: PushDataOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, { store });
  const { describePushed, pushPlannedData } = await import("../push-planned-data.ts");
  const pushed = await pushPlannedData(store, loaded, () => undefined, { isForced: options.force === true });
  const columns = ["name", "outcome", "files", "bytes", "sha256"].map(
    (key) => ({ key, label: key, align: key === "files" || key === "bytes" ? "right" : "left" }) as const,
  );
  const rows = pushed.map((each) => ({ ...each }));
  const json = { schemaVersion: 1, datasets: pushed };
  await printResult(
    {
      json,
      table: { columns, rows },
      human: () => pushed.map(describePushed).join("\n"),
    },
    options.output,
  );
}
