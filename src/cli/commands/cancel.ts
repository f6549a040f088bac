import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { outputOption, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface CancelOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep cancel`: ends a run for good, wherever it runs. */
export const cancelCommand: CommandDeclaration = {
  name: "cancel",
  configure: (command) =>
    command
      .description("End a run, wherever it runs: what is trained writes a checkpoint, and nothing goes on by itself")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
The process that runs it ends with exit code 4, as does a later \`nightsweep run\` of the same plan; with --resume it
goes on from the checkpoints. What is finished stays finished.

Example:
  nightsweep cancel quickstart`,
      )
      .action((target: string, options: CancelOptions) => asCliError(() => cancel(target, options))),
};

async function cancel(target: string, options: CancelOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { askOfRun, printAsked } = await import("../control-run.ts");
  const asked = await askOfRun(store, run, { state: "cancelled" });
  const text = {
    request: "cancel",
    obeyed: "cancelled: what runs finishes its step and writes a checkpoint, then the run ends",
    unheard: "cancelled; nobody runs it now. It goes on only with `nightsweep run --resume`",
  };
  await printAsked(run, asked, text, options.output);
}
