import { askRunning, type TargetOptions } from "../ask-running.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption } from "../output.ts";
import { maxPriority } from "../priority.ts";
import { storeOption } from "../store-option.ts";

/** `nightsweep set-priority`: changes which runs of a machine go first. */
export const setPriorityCommand: CommandDeclaration = {
  name: "set-priority",
  configure: (command) =>
    command
      .description("Change how a run goes before others on its machine while it goes on")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .argument(
        "<n>",
        `-${maxPriority} … ${maxPriority}, the higher goes first`,
        integerFlag(-maxPriority, maxPriority),
      )
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Runs of lower priority use the cores that those of higher priority leave: what is too much writes a checkpoint and goes
on later. It holds for the processes that run the trials now; the next \`nightsweep run\` has its own --priority.

Example:
  nightsweep set-priority quickstart 5`,
      )
      .action((target: string, priority: number, options: TargetOptions) =>
        asCliError(() =>
          askRunning(target, options, {
            change: { priority },
            name: `set-priority ${priority}`,
            obeyed: `from now on it has priority ${priority}`,
            flag: `--priority ${priority}`,
          }),
        ),
      ),
};
