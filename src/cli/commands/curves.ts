import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface CurvesOptions {
  readonly store: string;
  readonly run?: string;
  readonly all?: true;
  readonly steps?: true;
  readonly output: OutputFormat;
}

/** `nightsweep curves`: what a trial logged, epoch by epoch. */
export const curvesCommand: CommandDeclaration = {
  name: "curves",
  configure: (command) =>
    command
      .description("Show the per-epoch log of a trial: losses, accuracies, learning rate, time")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id; a trial may still be running", "best")
      .option("-a, --all", "all trials of the run in one table")
      .option("--steps", "the lines of `training.logEverySteps` instead of the epochs")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep curves quickstart best --output csv > log.csv")
      .action((experiment: string, trial: string, options: CurvesOptions) =>
        asCliError(() => curves(experiment, trial, options)),
      ),
};

async function curves(experiment: string, which: string, options: CurvesOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const { loadRun } = await import("../../record/load-run.ts");
  const { compareRun } = await import("../../compare/compare-run.ts");
  const { epochLogTable, measuredColumns, trialLog } = await import("../../report/epoch-log.ts");
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["metrics", "timings"] });
  const { columns } = compareRun(records);
  const chosen = options.all === true ? records.trials : [await chooseTrial(records, which)];
  const logs = chosen.map((record) => trialLog(records, record));
  const table = epochLogTable(logs, options.steps === true ? "steps" : "epochs", columns);
  const title = logs.length === 1 ? `trial ${logs[0]?.trialId}  seed ${logs[0]?.seed}` : `run ${run.runId}`;
  const empty = options.steps === true ? "no steps are logged: set training.logEverySteps" : "no epoch is done yet";
  const json = { schemaVersion: 1, experiment: run.experiment, runId: run.runId, trials: logs };
  await printResult(
    {
      json,
      table,
      human: () => `${title}\n${table.rows.length === 0 ? empty : renderTextTable(measuredColumns(table))}`,
    },
    options.output,
  );
}

async function chooseTrial(records: RunRecords, which: string): Promise<TrialRecord> {
  const { compareRun } = await import("../../compare/compare-run.ts");
  const { selectSubject, selectTrial } = await import("../../compare/select.ts");
  const comparison = compareRun(records);
  const subject = selectSubject(comparison, which);
  const trialId = subject.type === "trial" ? subject.trialId : selectTrial(comparison, which).trialId;
  const record = records.trials.find(({ trial }) => trial.id === trialId);
  if (record === undefined) throw new Error(`the run has no trial ${trialId}`);
  return record;
}
