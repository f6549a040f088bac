import { askRunning, type TargetOptions } from "../ask-running.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption } from "../output.ts";
import { storeOption } from "../store-option.ts";

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
      .action((target: string, workers: number, options: TargetOptions) =>
        asCliError(() => {
          const count = workers === 1 ? "1 trial is" : `at most ${workers} trials are`;
          return askRunning(target, options, {
            change: { workers },
            name: `set-workers ${workers}`,
            obeyed: `from now on ${count} trained side by side`,
            flag: `--workers ${workers}`,
          });
        }),
      ),
};
