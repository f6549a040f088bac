import { exitCodes } from "../../contract/exit-codes.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface HistoryOptions {
  readonly store: string;
  readonly output: OutputFormat;
}

interface AcknowledgeOptions {
  readonly store: string;
  readonly run?: string;
  readonly reason: string;
}

/** `nightsweep history`: the nights of a benchmark, and taking a change as it is. */
export const historyCommand: CommandDeclaration = {
  name: "history",
  configure(command) {
    command
      .description("Show the nights of an experiment with their verdicts, and the dates that have none")
      .argument("<experiment>", "experiment's name or YAML file")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep history nightly.yaml
  nightsweep history ack nightly.yaml --reason "smaller model on purpose, #123"`,
      )
      .action((experiment: string, options: HistoryOptions) => asCliError(() => show(experiment, options)));
    command
      .command("ack")
      .description("Take a change as it is: nights from then on are held against the new level")
      .argument("<experiment>", "experiment's name or YAML file")
      .requiredOption("--reason <text>", "why, for those who read the history later")
      .option("-r, --run <id>", "the first run of the new level, or the beginning of its id (default: the newest)")
      .addOption(storeOption())
      .action((experiment: string, _: AcknowledgeOptions, own: { optsWithGlobals(): AcknowledgeOptions }) =>
        asCliError(() => acknowledge(experiment, own.optsWithGlobals())),
      );
  },
};

async function show(target: string, options: HistoryOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target });
  const [{ checkBenchmark }, { loadPlan }, { historyResult }] = await Promise.all([
    import("../../orchestrate/nightly/check-benchmark.ts"),
    import("../../record/run-store.ts"),
    import("../benchmark-result.ts"),
  ]);
  const plan = await loadPlan(store, objectKeys.plan(objectKeys.run(run.experiment, run.runId)));
  const check = await checkBenchmark(store, plan, new Date());
  if (check.series.length === 0)
    throw new CliError(
      exitCodes.missingInput,
      `no night of ${run.experiment} is recorded; write the newest run down with: nightsweep check ${target}`,
    );
  await printResult(historyResult(check), options.output);
}

async function acknowledge(
  target: string,
  { store: location, run: wanted, reason }: AcknowledgeOptions,
): Promise<void> {
  const store = await openStoreAt(location);
  const [{ loadHistory, writeAcknowledgement }, { experiment }] = await Promise.all([
    import("../../record/history.ts"),
    findRun(store, { target }),
  ]);
  const { nights } = await loadHistory(store, experiment);
  const own = nights.filter(({ confirms }) => confirms === undefined);
  const night = wanted === undefined ? own.at(-1) : own.find(({ runId }) => runId.startsWith(wanted));
  if (night === undefined)
    throw new CliError(
      exitCodes.missingInput,
      `no such night of ${experiment} is recorded; see nightsweep history ${target}`,
    );
  const { runId, date } = night;
  await writeAcknowledgement(store, {
    schemaVersion: 1,
    benchmark: experiment,
    runId,
    at: new Date().toISOString(),
    reason,
  });
  process.stderr.write(`From ${date} on (run ${runId}), nights of ${experiment} are held against the new level.\n`);
}
