import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { outputOption, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface PauseOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep pause`: lets a run wait at a checkpoint. */
export const pauseCommand: CommandDeclaration = {
  name: "pause",
  configure: (command) =>
    command
      .description("Let a run wait, wherever it runs: what is trained writes a checkpoint and frees its worker")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
The process that runs it stays and waits for \`nightsweep resume\`. Time limits and budgets of money go on meanwhile.

Example:
  nightsweep pause quickstart`,
      )
      .action((target: string, options: PauseOptions) => asCliError(() => pause(target, options))),
};

async function pause(target: string, options: PauseOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { askOfRun, printAsked } = await import("../control-run.ts");
  const asked = await askOfRun(store, run, { state: "paused" });
  const text = {
    request: "pause",
    obeyed: "paused: what runs finishes its step and writes a checkpoint; to go on: nightsweep resume",
    unheard: "paused; nobody runs it now, and `nightsweep run` will wait until it is resumed (or given --resume)",
  };
  await printAsked(run, asked, text, options.output);
}
