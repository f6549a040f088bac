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
      .description("Show what would be run: trials and why, what changed, layer shapes, memory, time, cost, storage")
      .argument("<file>", "experiment file")
      .option("--speeds <file>", "JSON of measured speeds, in the place of those that come with nightsweep")
      .option("--prices <file>", "JSON of instance prices, in the place of those that come with nightsweep")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep plan experiments/quickstart.yaml")
      .action((file: string, options: PlanOptions) => asCliError(() => plan(file, options))),
};

interface PlanOptions {
  readonly store: string;
  readonly speeds?: string;
  readonly prices?: string;
  readonly output: OutputFormat;
}

async function plan(file: string, options: PlanOptions): Promise<void> {
  const loaded = await requirePlan(file);
  const { findFinished } = await import("../../record/ledger.ts");
  const { loadOutlook } = await import("../load-outlook.ts");
  const { planResult } = await import("../plan-result.ts");
  const store = await openStoreAt(options.store);
  const ids = loaded.plan.trials.map(({ id }) => id);
  const finished = new Set<string>((await findFinished(store, ids)).keys());
  const outlook = await loadOutlook(loaded.plan, { store, finished, files: options });
  await printResult(planResult(loaded.plan, outlook, finished), options.output);
}
