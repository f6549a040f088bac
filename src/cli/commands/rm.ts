import { exitCodes } from "../../contract/exit-codes.ts";
import type { StoredRun } from "../../record/garbage/survey-runs.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findTarget } from "../find-target.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface RmOptions {
  readonly store: string;
  readonly run?: string;
  readonly all?: true;
  readonly yes?: true;
  readonly output: OutputFormat;
}

/** `nightsweep rm`: removes runs. */
export const rmCommand: CommandDeclaration = {
  name: "rm",
  configure: (command) =>
    command
      .description("Remove a run with its records, but for trials that other runs need")
      .argument("<target>", "beginning of a run's id, or an experiment's name with --run or --all")
      .option("-r, --run <id>", "a run's id or the beginning of it")
      .option("--all", "all runs of the experiment")
      .option("-y, --yes", "do it; without it, only say what would be removed")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Trials that other runs have taken over, or whose weights other models start from, stay until these runs are removed
too. A run that a process may be running is not removed (exit code 64): cancel it first.

Examples:
  nightsweep rm 20261122T101530Z
  nightsweep rm quickstart --all --yes`,
      )
      .action((target: string, options: RmOptions) => asCliError(() => rm(target, options))),
};

async function rm(target: string, options: RmOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const [{ surveyRuns }, { onlyOf, planGarbage }, { collectGarbage, loadOwners }, { garbageResult }, idleClaims] =
    await Promise.all([
      import("../../record/garbage/survey-runs.ts"),
      import("../../record/garbage/plan-garbage.ts"),
      import("../../record/garbage/collect-garbage.ts"),
      import("../garbage-result.ts"),
      import("../../record/garbage/idle-claims.ts"),
    ]);
  const { run } = await findTarget(store, { target, run: options.run });
  const now = new Date();
  const listed = await idleClaims.listClaims(store);
  const runs = await surveyRuns(store, now.getTime());
  const ofExperiment = runs.filter(({ experiment, state }) => experiment === run.experiment && state === "listed");
  const chosen = options.all === true ? ofExperiment : ofExperiment.filter(({ runId }) => runId === run.runId);
  const isNamed = options.run !== undefined || run.runId.startsWith(target);
  if (options.all !== true && !isNamed && ofExperiment.length > 1) throw whichRun(ofExperiment);
  const running = chosen.find(({ isRunning }) => isRunning);
  if (running !== undefined) {
    const fix = `cancel it first: nightsweep cancel ${running.experiment} --run ${running.runId}`;
    throw new CliError(exitCodes.usage, `a process may be running run ${running.runId}\n  fix: ${fix}`);
  }
  const owners = await loadOwners(store, runs);
  const plan = onlyOf(planGarbage(runs, { runs: new Set(chosen), checkpointsOnly: false }, owners), new Set(chosen));
  const facts = { listed, runs, removedRuns: plan.removedRuns, owners };
  const claims = await idleClaims.findIdleClaims(store, facts, new Set(plan.removedRuns));
  const isDone = options.yes === true;
  if (isDone) {
    await collectGarbage(store, plan, { runs, now });
    await idleClaims.removeIdleClaims(store, claims);
  }
  await printResult(garbageResult(plan, { claims, isDone }), options.output);
}

function whichRun(runs: readonly StoredRun[]): CliError {
  const ids = runs.map(({ runId }) => runId).join(", ");
  return new CliError(exitCodes.usage, `which run is meant? name it with --run, or take --all; there are ${ids}`);
}
