import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { integerFlag, outputOption, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface SetWorkersOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep set-workers`: changes how many trials of a run are trained side by side. */
export const setWorkersCommand: CommandDeclaration = {
  name: "set-workers",
  configure: (command) =>
    command
      .description("Change how many trials are trained side by side while a run goes on")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .argument("<n>", "trials side by side", integerFlag(1, 256))
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
If they become fewer, the trials that began last write a checkpoint and wait. It holds for the processes that run the
trials now; the next \`nightsweep run\` has its own --workers.

Example:
  nightsweep set-workers quickstart 1`,
      )
      .action((target: string, workers: number, options: SetWorkersOptions) =>
        asCliError(() => setWorkers(target, workers, options)),
      ),
};

async function setWorkers(target: string, workers: number, options: SetWorkersOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { askOfRun, openSessions, printAsked } = await import("../control-run.ts");
  if ((await openSessions(store, run)).length === 0) {
    const fix = `start it with \`nightsweep run --workers ${workers}\``;
    throw new CliError(exitCodes.missingInput, `nobody runs ${run.experiment} run ${run.runId} now\n  fix: ${fix}`);
  }
  const asked = await askOfRun(store, run, { workers });
  const count = workers === 1 ? "1 trial is" : `at most ${workers} trials are`;
  const text = {
    request: `set-workers ${workers}`,
    obeyed: `from now on ${count} trained side by side`,
    unheard: "it has ended meanwhile: nothing was changed",
  };
  await printAsked(run, asked, text, options.output);
}
