import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface WatchOptions {
  readonly store: string;
  readonly run?: string;
  readonly once?: true;
}

/** `nightsweep watch`: how a run goes on, as a table in the terminal. */
export const watchCommand: CommandDeclaration = {
  name: "watch",
  configure: (command) =>
    command
      .description("Watch a run from another terminal: running trials with their curves, and the best ones so far")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("--once", "show it once and end, as is done where nobody sits at a terminal")
      .addOption(storeOption())
      .addHelpText(
        "after",
        `
Ends with the run. A run that is not on this machine is watched through its store.

Examples:
  nightsweep watch quickstart
  nightsweep watch quickstart --store s3://bucket/prefix --once`,
      )
      .action((target: string, options: WatchOptions) => asCliError(() => watch(target, options))),
};

async function watch(target: string, options: WatchOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { watchRecords } = await import("../watch-records.ts");
  await watchRecords(store, run, { stream: process.stdout, isOnce: options.once === true });
}
