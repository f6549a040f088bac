import { exitCodes } from "../../contract/exit-codes.ts";
import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { outputOption, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface RetryOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep retry`: lets trials that failed for good be tried again while their run goes on. */
export const retryCommand: CommandDeclaration = {
  name: "retry",
  configure: (command) =>
    command
      .description("Try trials again that failed for good, while their run goes on")
      .argument("<target>", "experiment's name or YAML file, or the beginning of a run's id")
      .argument("[trials...]", "beginnings of ids (default: all that failed)")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
They go on from their last checkpoints, and have all their retries again. If nobody runs the trials now, there is
nothing to do: the next \`nightsweep run\` tries failed trials again anyway.

Example:
  nightsweep retry quickstart 3fa9c0d1`,
      )
      .action((target: string, trials: readonly string[], options: RetryOptions) =>
        asCliError(() => retry(target, trials, options)),
      ),
};

async function retry(target: string, references: readonly string[], options: RetryOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run, trialIds } = await findTarget(store, { target, run: options.run });
  const [{ loadRun }, { askOfRun, printAsked }] = await Promise.all([
    import("../../record/load-run.ts"),
    import("../control-run.ts"),
  ]);
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["metrics"] });
  const failed = await chooseFailed(records, [...trialIds, ...references]);
  const asked = await askOfRun(store, run, { retries: failed.map(({ trial }) => trial.id) });
  const count = failed.length === 1 ? "1 trial is" : `${failed.length} trials are`;
  const text = {
    request: `retry ${failed.map(({ trial }) => trial.id.slice(0, 8)).join(" ")}`,
    obeyed: `${count} tried again as soon as a worker is free`,
    unheard: `nobody runs it now: the next \`nightsweep run\` tries ${failed.length === 1 ? "it" : "them"} again`,
  };
  await printAsked(run, asked, text, options.output);
}

/** @throws CliError if a trial that was named has not failed, or none has */
async function chooseFailed(records: RunRecords, references: readonly string[]): Promise<TrialRecord[]> {
  const { chooseTrials } = await import("../choose-trials.ts");
  const chosen = await chooseTrials(records, references);
  const failed = chosen.filter(({ state }) => state.type === "failed");
  const other = chosen.find(({ state }) => state.type !== "failed");
  if (references.length > 0 && other !== undefined) {
    throw new CliError(exitCodes.usage, `trial ${other.trial.id} has not failed: it is ${other.state.type}`);
  }
  if (failed.length === 0) throw new CliError(exitCodes.usage, `no trial of run ${records.runId} has failed`);
  return failed;
}
