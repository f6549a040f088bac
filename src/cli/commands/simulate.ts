import { InvalidArgumentError } from "commander";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { amountFlag, integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { setOption } from "../set-option.ts";
import type { SimulationFlags } from "../simulation-request.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface SimulateOptions extends SimulationFlags {
  readonly store: string;
  readonly runs: number;
  readonly seed: number;
  readonly output: OutputFormat;
  readonly set: readonly string[];
}

/** `nightsweep simulate`: how long and how dear a run would be, in virtual time. */
export const simulateCommand: CommandDeclaration = {
  name: "simulate",
  configure: (command) =>
    command
      .description("Show how long and how dear a run would be, with interruptions and failures, without running it")
      .argument("<file>", "experiment file")
      .option("--instance <type>", "`local` (this machine) or an instance type of the price file", "local")
      .option(
        "--instances <n>",
        "instances side by side (default: 1 here, else the price file's)",
        integerFlag(1, 10_000),
      )
      .option(
        "--trials-per-instance <n>",
        "trials side by side on each (default: as `run` here, else 1)",
        integerFlag(1, 256),
      )
      .option("--on-demand", "instances that are not taken away, at their list price (default: spot)")
      .option("--start-delay <span>", "until an instance takes its first trial, e.g. 4m (median)", spanFlag)
      .option("--reclaims-per-hour <n>", "how often an instance is taken away (default: 0.05 on spot)", amountFlag)
      .option("--failure-rate <p>", "probability that an attempt crashes", probabilityFlag, 0)
      .option("--divergence-rate <p>", "probability that a trial's loss diverges", probabilityFlag, 0)
      .option("--store-error-rate <p>", "probability that an attempt can't use its store", probabilityFlag, 0)
      .option("--price-per-hour <usd>", "what an hour of an instance costs (default: the price file's)", amountFlag)
      .option("--runs <n>", "simulated runs", integerFlag(1, 10_000), 20)
      .option("--seed <n>", "seed of the first one", integerFlag(0, 2 ** 31), 1)
      .option("--speeds <file>", "JSON of measured speeds, in the place of those that come with nightsweep")
      .option("--prices <file>", "JSON of instance prices, in the place of those that come with nightsweep")
      .addOption(setOption())
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
The decisions are those of a real run: retries, time limits and budgets of the experiment's \`run:\` section hold.
Trials that are finished are left out. The same seed gives the same answer.

Examples:
  nightsweep simulate experiments/quickstart.yaml
  nightsweep simulate experiments/quickstart.yaml --instance g4dn.xlarge --instances 4 --reclaims-per-hour 0.2`,
      )
      .action((file: string, options: SimulateOptions) => asCliError(() => simulate(file, options))),
};

async function simulate(file: string, options: SimulateOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { plan } = await requirePlan(file, { settings: options.set, store });
  const { findFinished } = await import("../../record/ledger.ts");
  const { requestOf } = await import("../simulation-request.ts");
  const { simulateRuns } = await import("../../orchestrate/simulate/simulate-plan.ts");
  const { simulationResult } = await import("../simulation-result.ts");
  const ids = plan.trials.map(({ id }) => id);
  const finished = new Set<string>((await findFinished(store, ids)).keys());
  const request = await requestOf(plan, finished, options);
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index);
  const simulation = await simulateRuns(request.simulation, seeds);
  await printResult(simulationResult(plan.experiment, request.assumptions, simulation), options.output);
}

function spanFlag(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("expected a time span, e.g. 90s or 4m");
  return Number(match[1]) * (match[2] === "h" ? 3600 : match[2] === "m" ? 60 : 1);
}

function probabilityFlag(text: string): number {
  const value = amountFlag(text);
  if (value > 1) throw new InvalidArgumentError("expected a probability from 0 to 1");
  return value;
}
