import { jobNamePrefix } from "../contract/batch-limits.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { RunDocument } from "../record/run-records.ts";
import { loadStarts, type RunStart } from "../record/run-starts.ts";
import type { Store } from "../record/store.ts";

/** What is known on AWS about a run. */
export interface CloudStatus {
  readonly lines: readonly string[];
  readonly facts: object;
}

/** Where a run is on AWS, with time and cost so far; undefined if nobody has started it there. */
export async function surveyOnAws(store: Store, run: RunDocument): Promise<CloudStatus | undefined> {
  const start = await lastStart(store, run);
  if (start === undefined) return undefined;
  const [{ surveyJobs }, lines, { loadPrices }, services] = await Promise.all([
    import("../orchestrate/cloud/survey-jobs.ts"),
    import("./cloud-lines.ts"),
    import("./load-outlook.ts"),
    openServices(start),
  ]);
  const { experiment, runId } = run;
  const execution = await services.executions.describe(start.name);
  const survey = await surveyJobs(services.jobs, { experiment, runId, queue: start.queue }, { hasTimes: true });
  const prices = await loadPrices({});
  const families = [...new Set(prices.instances.map(({ type }) => type))];
  return {
    lines: [
      lines.describeExecution(start.name, execution),
      ...[lines.describeJobs(survey) ?? []].flat(),
      ...lines.waitingLines(survey),
      lines.describeCost(survey.containerSeconds ?? 0, families, prices),
    ],
    facts: { execution: { name: start.name, ...execution }, jobs: survey },
  };
}

/** Ends the execution that carries a run out, if one does, and every job of it: each gets half a minute to checkpoint. */
export async function endOnAws(store: Store, run: RunDocument): Promise<void> {
  const start = await lastStart(store, run);
  if (start === undefined) return;
  const [{ terminateJobs }, { executions, jobs }] = await Promise.all([
    import("../orchestrate/cloud/clean-up.ts"),
    openServices(start),
  ]);
  const reason = "cancelled with nightsweep cancel";
  await executions.stop(start.name, reason);
  const ended = await terminateJobs(jobs, [start.queue], { namePrefix: jobNamePrefix(run), reason });
  const count = ended.length === 0 ? "no job was left" : `${ended.length} jobs were left and are ended`;
  process.stderr.write(`The execution ${start.name} is ended; ${count}. What ran has 30 s to write a checkpoint.\n`);
}

async function lastStart(store: Store, { experiment, runId }: RunDocument): Promise<RunStart | undefined> {
  return (await loadStarts(store, objectKeys.run(experiment, runId))).at(-1);
}

async function openServices({ stateMachineArn }: RunStart) {
  const [{ createSfnExecutionService }, { createBatchJobService }] = await Promise.all([
    import("../execute/sfn-execution-service.ts"),
    import("../execute/batch-job-service.ts"),
  ]);
  const region = stateMachineArn.split(":")[3] ?? "";
  return { executions: createSfnExecutionService(stateMachineArn), jobs: createBatchJobService(region) };
}
