import type { ExecutionFacts } from "../execute/execution-service.ts";
import type { JobSurvey } from "../orchestrate/cloud/survey-jobs.ts";
import { jobStates, type JobState } from "../execute/job-service.ts";
import { duration } from "../report/number-formats.ts";
import type { PriceFile } from "../plan/outlook/price-file.ts";

const stateWords: Readonly<Record<JobState, string>> = {
  SUBMITTED: "submitted",
  PENDING: "pending",
  RUNNABLE: "waiting for a machine",
  STARTING: "starting",
  RUNNING: "running",
  SUCCEEDED: "done",
  FAILED: "failed",
};

const executionWords: Readonly<Record<ExecutionFacts["status"], string>> = {
  RUNNING: "is going on",
  SUCCEEDED: "has ended",
  FAILED: "has failed",
  TIMED_OUT: "was ended at its time limit",
  ABORTED: "was aborted",
  PENDING_REDRIVE: "waits to be started again",
};

/** How an execution stands, in one line. */
export function describeExecution(name: string, execution: ExecutionFacts | undefined): string {
  if (execution === undefined) return `on AWS: execution ${name} was never started, or is forgotten by now`;
  const cause = execution.cause === undefined ? "" : ` (${execution.cause})`;
  return `on AWS: execution ${name} ${executionWords[execution.status]}${cause}`;
}

/** How many jobs are where, in one line; undefined if there are none yet. */
export function describeJobs({ counts }: JobSurvey): string | undefined {
  const parts = jobStates.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count > 0 ? [`${count} ${stateWords[state]}`] : [];
  });
  return parts.length === 0 ? undefined : `jobs: ${parts.join(" · ")}`;
}

/** Why jobs don't start, a line each. */
export function waitingLines({ waitingFor }: JobSurvey): string[] {
  return waitingFor.map((reason) => `  waiting: ${reason}`);
}

/**
 * What the containers' time may have cost so far, in one line: between the cheapest spot and the dearest on-demand price
 * of the instance families. Starting and idle machines come on top.
 */
export function describeCost(
  containerSeconds: number,
  instanceTypes: readonly string[],
  { instances, currency, isVerified }: PriceFile,
): string {
  const time = `time so far: ${duration(containerSeconds)} of containers`;
  const known = instances.filter(({ type }) => instanceTypes.some((family) => type.startsWith(family)));
  if (known.length === 0) return time;
  const hours = containerSeconds / 3600;
  const low = hours * Math.min(...known.map(({ spotPerHour }) => spotPerHour[0]));
  const high = hours * Math.max(...known.map(({ onDemandPerHour }) => onDemandPerHour));
  const note = isVerified ? "" : ", by prices that nobody has verified";
  return `${time}, about ${low.toFixed(2)} to ${high.toFixed(2)} ${currency}${note}`;
}
