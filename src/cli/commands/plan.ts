import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

/** `nightsweep plan`: what would be run, without running anything. */
export const planCommand: CommandDeclaration = {
  name: "plan",
  configure: (command) =>
    command
      .description("Show what would be run: trials, layer shapes, parameters, memory")
      .argument("<file>", "experiment file")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep plan experiments/quickstart.yaml")
      .action((file: string, options: { store: string; output: OutputFormat }) =>
        asCliError(() => plan(file, options)),
      ),
};

async function plan(file: string, options: { store: string; output: OutputFormat }): Promise<void> {
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, store);
  const { findFinished } = await import("../../record/ledger.ts");
  const { planResult } = await import("../plan-result.ts");
  const finished = await findFinished(
    store,
    loaded.plan.trials.map(({ id }) => id),
  );
  await printResult(planResult(loaded.plan, { finishedTrials: finished.size }), options.output);
}
