import type { EngineChoice } from "../../contract/trainer-environment.ts";
import type { LedgerEntry } from "../../record/trial-record.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption, plannedEngineOf } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { refusal, requirePlan } from "../issues.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { setOption } from "../set-option.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface PlanOptions {
  readonly store: string;
  readonly speeds?: string;
  readonly prices?: string;
  readonly engine: EngineChoice;
  readonly output: OutputFormat;
  readonly set: readonly string[];
  readonly showConfig?: true;
}

/** `nightsweep plan`: what would be run, without running anything. */
export const planCommand: CommandDeclaration = {
  name: "plan",
  configure: (command) =>
    command
      .description("Show what would be run: trials and why, what changed, layer shapes, memory, time, cost, storage")
      .argument("<file>", "experiment file")
      .addOption(setOption())
      .option("--show-config", "print every value of the experiment and where it comes from, instead of the plan")
      .option("--speeds <file>", "JSON of measured speeds, in the place of those that come with nightsweep")
      .option("--prices <file>", "JSON of instance prices, in the place of those that come with nightsweep")
      .addOption(engineOption("the native one where it is installed, else wasm"))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep plan experiments/quickstart.yaml
  nightsweep plan experiments/quickstart.yaml --set training.epochs=1 --show-config`,
      )
      .action((file: string, options: PlanOptions) =>
        asCliError(() => (options.showConfig ? showConfig(file, options) : plan(file, options))),
      ),
};

async function plan(file: string, options: PlanOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const loaded = await requirePlan(file, { settings: options.set, store });
  const { findFinished } = await import("../../record/ledger.ts");
  const { loadOutlook, loadPrevious } = await import("../load-outlook.ts");
  const { tellTrialNews } = await import("../../plan/outlook/trial-news.ts");
  const { planResult } = await import("../plan-result.ts");
  const ids = loaded.plan.trials.map(({ id }) => id);
  const entries = new Map<string, LedgerEntry>(await findFinished(store, ids));
  const previous = await loadPrevious(store, loaded.plan.experiment);
  const known = { store, finished: new Set(entries.keys()), ...(previous && { previous }) };
  const outlook = await loadOutlook(loaded.plan, { ...known, files: options, engine: plannedEngineOf(options.engine) });
  const news = tellTrialNews(loaded.plan, { finished: entries, previous });
  await printResult(planResult(loaded.plan, outlook, news), options.output);
}

/** Needs no data set: what is written can be looked at before the data are there. */
async function showConfig(file: string, { set, output }: PlanOptions): Promise<void> {
  const { loadExperiment } = await import("../../spec/load-experiment.ts");
  const loaded = await loadExperiment(file, { settings: set });
  if ("issues" in loaded) throw await refusal(file, loaded.issues);
  const { configResult } = await import("../config-result.ts");
  await printResult(configResult(loaded.experiment, loaded.source), output);
}
