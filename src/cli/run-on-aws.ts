import { randomBytes } from "node:crypto";
import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { Deployment } from "../contract/deployment.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import { startCloudRun } from "../orchestrate/cloud/start-cloud-run.ts";
import { compareRun } from "../compare/compare-run.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import { loadRun } from "../record/load-run.ts";
import { loadSessions } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { CliError } from "./cli-error.ts";
import { comparisonResult } from "./comparison-result.ts";
import { followExecution } from "./follow-execution.ts";
import { asAwsError } from "./load-deployment.ts";
import { printResult, type OutputFormat } from "./output.ts";
import { ownFacts } from "./own-facts.ts";
import { pushPlannedData } from "./push-planned-data.ts";
import { listenToStopSignals } from "./stop-signals.ts";
import { stopLines } from "./stop-lines.ts";

/** How a plan is run on AWS. */
export interface CloudRunOptions {
  readonly store: Store;
  readonly deployment: Deployment;
  readonly isCacheUsed: boolean;
  readonly isResumed: boolean;
  /** Whether the command ends as soon as the execution has been started. */
  readonly isDetached: boolean;
  readonly output: OutputFormat;
}

/** Uploads a plan and its data, starts the execution that carries it out, and follows it. @returns the exit code */
export async function runOnAws(loaded: LoadedPlan, options: CloudRunOptions): Promise<ExitCode> {
  try {
    return await startAndFollow(loaded, options);
  } catch (error) {
    throw await asAwsError(error);
  }
}

async function startAndFollow(loaded: LoadedPlan, options: CloudRunOptions): Promise<ExitCode> {
  const { store, deployment, isDetached, output } = options;
  const { plan } = loaded;
  refuseLocalWeights(loaded);
  const [{ createSfnExecutionService }, { createBatchJobService }, { collectProvenance }] = await Promise.all([
    import("../execute/sfn-execution-service.ts"),
    import("../execute/batch-job-service.ts"),
    import("../orchestrate/provenance/collect-provenance.ts"),
  ]);
  await pushPlannedData(store, loaded, say);
  const executions = createSfnExecutionService(deployment.stateMachineArn);
  const { run, start, isFollowed } = await startCloudRun({
    ...loaded,
    store,
    deployment,
    executions,
    queue: "adhoc",
    isCacheUsed: options.isCacheUsed,
    isResumed: options.isResumed,
    provenance: await collectProvenance(loaded.experimentFile, ownFacts()),
    now: () => new Date(),
    randomBytes,
  });
  if (start !== undefined) {
    say(`${isFollowed ? "Following" : "Started"} run ${run.runId} of ${plan.experiment}: execution ${start.name}`);
    say(`It goes on when this command ends; \`nightsweep cancel ${plan.experiment}\` ends it.`);
  }
  if (isDetached) return exitCodes.done;
  const signals = listenToStopSignals();
  if (start !== undefined) {
    const place = { experiment: plan.experiment, runId: run.runId, queue: start.queue };
    const followed = { executions, jobs: createBatchJobService(deployment.region), name: start.name, ...place };
    const poll = { pollMs: pollIntervalMs(store), stop: signals.stop, say };
    const ended = await followExecution({ ...followed, ...poll });
    if (ended === undefined) {
      say("No longer followed; the run goes on. The same command follows it again.");
      signals.end();
      return exitCodes.checkpointed;
    }
  }
  signals.end();
  return printOutcome(store, { experiment: plan.experiment, runId: run.runId, output });
}

async function printOutcome(
  store: Store,
  { experiment, runId, output }: { readonly experiment: string; readonly runId: string; readonly output: OutputFormat },
): Promise<ExitCode> {
  const comparison = compareRun(await loadRun(store, experiment, runId));
  await printResult(comparisonResult(comparison), output);
  const { finished, planned } = comparison.trialCounts;
  if (finished === planned) return exitCodes.done;
  const stopped = (await loadSessions(store, objectKeys.run(experiment, runId))).at(-1)?.stop;
  const counts = `${finished} of ${planned} trials finished`;
  if (stopped === undefined) {
    say(`Ended with ${counts}. See why with: nightsweep status ${experiment}`);
    return exitCodes.trialsFailed;
  }
  for (const line of stopLines(stopped, counts)) say(line);
  if (stopped.rule === "cancelled") return exitCodes.cancelled;
  return stopped.rule === "infrastructure" ? exitCodes.infrastructure : exitCodes.stoppedByRule;
}

/** Files that only this machine has don't reach the jobs. */
function refuseLocalWeights({ plan }: LoadedPlan): void {
  const local = plan.models.find(
    ({ initialWeights }) => initialWeights !== undefined && initialWeights.trialKey === undefined,
  );
  if (local === undefined) return;
  throw new CliError(
    exitCodes.invalidInput,
    "model.initialWeights names a file on this machine, which jobs on AWS don't have\n" +
      "  fix: name a trial in the store instead (`initialWeights: { trial: … }`), or run it here",
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
