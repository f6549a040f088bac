import type { RunWish } from "../orchestrate/run-state.ts";
import type { CommandDeclaration } from "./command.ts";
import type { AskedText } from "./control-run.ts";
import { asCliError } from "./expected-errors.ts";
import { findTarget } from "./find-target.ts";
import { outputOption, type OutputFormat } from "./output.ts";
import { openStoreAt, storeOption } from "./store-option.ts";

/** A command that asks a run to be in another state. */
export interface StateCommand {
  readonly name: string;
  readonly description: string;
  /** What else people should know, below the flags. */
  readonly notes: string;
  readonly state: RunWish["state"];
  readonly answers: Omit<AskedText, "request">;
}

interface StateOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** Declares such a command. */
export function declareStateCommand({ name, description, notes, state, answers }: StateCommand): CommandDeclaration {
  return {
    name,
    configure: (command) =>
      command
        .description(description)
        .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
        .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
        .addOption(storeOption())
        .addOption(outputOption())
        .addHelpText("after", `\n${notes}\n\nExample:\n  nightsweep ${name} quickstart`)
        .action((target: string, options: StateOptions) =>
          asCliError(async () => {
            const store = await openStoreAt(options.store);
            const { run } = await findTarget(store, { target, run: options.run });
            const { askOfRun, printAsked } = await import("./control-run.ts");
            const asked = await askOfRun(store, run, { state });
            if (state === "cancelled") await (await import("./cloud-run.ts")).endOnAws(store, run);
            await printAsked(run, asked, { request: name, ...answers }, options.output);
          }),
        ),
  };
}
