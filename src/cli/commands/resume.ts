import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { outputOption, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ResumeOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep resume`: lets a run go on that was paused or cancelled. */
export const resumeCommand: CommandDeclaration = {
  name: "resume",
  configure: (command) =>
    command
      .description("Let a run go on that was paused or cancelled")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
It starts no process: if nobody runs the trials, \`nightsweep run\` goes on with them.

Example:
  nightsweep resume quickstart`,
      )
      .action((target: string, options: ResumeOptions) => asCliError(() => resume(target, options))),
};

async function resume(target: string, options: ResumeOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { askOfRun, printAsked } = await import("../control-run.ts");
  const asked = await askOfRun(store, run, { state: "running" });
  const text = {
    request: "resume",
    obeyed: "it goes on",
    unheard: "nothing keeps it any more; nobody runs it now: start it with `nightsweep run`",
  };
  await printAsked(run, asked, text, options.output);
}
