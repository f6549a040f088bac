import { objectKeys } from "../contract/object-keys.ts";
import type { JobFacts } from "../execute/job-service.ts";
import type { JobOfTrial } from "../orchestrate/cloud/find-job.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import { loadStarts } from "../record/run-starts.ts";
import type { Store } from "../record/store.ts";
import { asAwsError, loadDeployment } from "./load-deployment.ts";
import { lastLinesOf } from "./follow-text.ts";

/** Whose consoles are printed. */
export interface ConsoleRequest {
  readonly store: Store;
  readonly records: RunRecords;
  readonly trials: readonly TrialRecord[];
  /** Only so many of the last lines of each attempt; absent = all. */
  readonly lines: number | undefined;
}

/**
 * Writes to stdout all that the containers of trials have printed on AWS, what came before and after their trials too:
 * attempt by attempt, from CloudWatch. Which one it is, and how it ended, goes to stderr.
 */
export async function printConsoles(request: ConsoleRequest): Promise<void> {
  try {
    await printAll(request);
  } catch (error) {
    throw await asAwsError(error);
  }
}

async function printAll({ store, records, trials, lines }: ConsoleRequest): Promise<void> {
  const [{ findJobsOf, describeJobsOf }, { createBatchJobService }, { createCloudWatchLogService }] = await Promise.all(
    [
      import("../orchestrate/cloud/find-job.ts"),
      import("../execute/batch-job-service.ts"),
      import("../execute/cloudwatch-log-service.ts"),
    ],
  );
  const { experiment, runId } = records;
  const run = objectKeys.run(experiment, runId);
  const jobs = await findAll(records, trials, (index) => findJobsOf(store, run, index));
  if (jobs.length === 0) return say("no job was submitted for these trials: they were not run on AWS");
  const { queue, logGroup, region } = await placeOf(store, run);
  const facts = await describeJobsOf(createBatchJobService(region), { queue, experiment, runId }, jobs);
  const logs = createCloudWatchLogService(region);
  for (const [at, job] of jobs.entries()) {
    const fact = facts[at];
    say(describeJob(job, fact));
    for (const [before, stream] of (fact?.logStreamNames ?? []).entries()) {
      const printed = await logs.read(logGroup, stream);
      say(`attempt ${before + 1}: ${printed === undefined ? "it has printed nothing" : `log stream ${stream}`}`);
      const text = (printed ?? []).join("\n");
      if (text !== "") process.stdout.write(`${lines === undefined ? text : lastLinesOf(text, lines)}\n`);
    }
  }
}

/** The jobs of some trials, each once. */
async function findAll(
  records: RunRecords,
  trials: readonly TrialRecord[],
  find: (trialIndex: number) => Promise<JobOfTrial[]>,
): Promise<JobOfTrial[]> {
  const wanted = new Set(trials.map(({ trial }) => trial.id));
  const found = new Map<string, JobOfTrial>();
  for (const [index, { trial }] of records.trials.entries()) {
    if (!wanted.has(trial.id)) continue;
    for (const job of await find(index)) found.set(`${job.jobName}:${job.index}`, job);
  }
  return [...found.values()];
}

/** Where a run's jobs and their logs are: as it was started, or, for a schedule's, as it is deployed now. */
async function placeOf(
  store: Store,
  run: string,
): Promise<{ readonly queue: string; readonly logGroup: string; readonly region: string }> {
  const start = (await loadStarts(store, run)).at(-1);
  if (start !== undefined) return { ...start, region: start.stateMachineArn.split(":")[3] ?? "" };
  const { queues, logGroup, region } = await loadDeployment();
  return { queue: queues.nightly, logGroup, region };
}

function describeJob({ jobName, size, index }: JobOfTrial, fact: JobFacts | undefined): string {
  const name = size > 1 ? `${jobName}, child ${index}` : jobName;
  if (fact === undefined)
    return `job ${name}: AWS Batch doesn't know it, or not any more (it forgets jobs after a week)`;
  const { status, statusReason, exitCode, containerReason } = fact;
  const details = [
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...[containerReason ?? []].flat(),
    ...[statusReason || []].flat(),
  ];
  return `job ${name}: ${status}${details.length === 0 ? "" : ` (${details.join("; ")})`}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
