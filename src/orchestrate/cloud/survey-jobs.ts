import { jobNamePrefix } from "../../contract/batch-limits.ts";
import { jobStates, type JobFacts, type JobService, type JobState } from "../../execute/job-service.ts";
import { explainWaiting } from "./explain-job.ts";

/** Where the jobs of a run are. */
export interface JobSurvey {
  /** Jobs and children of arrays by state; those that are in no state are left out. */
  readonly counts: Readonly<Partial<Record<JobState, number>>>;
  /** Why some of them don't start, in plain words; empty if none waits. */
  readonly waitingFor: readonly string[];
  /** Seconds that containers ran, all together; of large arrays an estimate. Absent = not asked for. */
  readonly containerSeconds?: number;
}

/** Children of one array whose times are added up; of more, their mean counts for the others. */
const measuredChildren = 1000;

/** Asks where the jobs of a run are: one request for their names, one for each hundred of them. */
export async function surveyJobs(
  jobs: JobService,
  place: { readonly queue: string; readonly experiment: string; readonly runId: string },
  { hasTimes = false, nowMs = Date.now() }: { readonly hasTimes?: boolean; readonly nowMs?: number } = {},
): Promise<JobSurvey> {
  const listed = await jobs.list(place.queue, jobNamePrefix(place));
  const all = await jobs.describe(listed.map(({ jobId }) => jobId));
  const counts: Partial<Record<JobState, number>> = {};
  for (const job of all) for (const [state, count] of statesOf(job)) counts[state] = (counts[state] ?? 0) + count;
  const waiting = (counts.RUNNABLE ?? 0) > 0 ? await reasonsOf(jobs, all) : [];
  const seconds = hasTimes ? await measure(jobs, all, nowMs) : undefined;
  return { counts, waitingFor: waiting, ...(seconds !== undefined && { containerSeconds: seconds }) };
}

function statesOf({ status, children }: JobFacts): (readonly [JobState, number])[] {
  if (children === undefined) return [[status, 1]];
  return jobStates.flatMap((state) => {
    const count = children[state] ?? 0;
    return count > 0 ? [[state, count] as const] : [];
  });
}

async function reasonsOf(jobs: JobService, all: readonly JobFacts[]): Promise<string[]> {
  const waiting: JobFacts[] = [];
  for (const job of all) {
    if (job.status === "RUNNABLE") waiting.push(job);
    // The first one of an array blocks those behind it: its reason is theirs.
    else if ((job.children?.RUNNABLE ?? 0) > 0) waiting.push(...(await jobs.listChildren(job.jobId, "RUNNABLE", 100)));
  }
  const told = waiting.flatMap(({ statusReason }) => (statusReason ? [explainWaiting(statusReason)] : []));
  return told.length > 0 ? [...new Set(told)] : [explainWaiting(undefined)];
}

async function measure(jobs: JobService, all: readonly JobFacts[], nowMs: number): Promise<number> {
  let seconds = 0;
  for (const job of all)
    seconds += job.children === undefined ? secondsOf(job, nowMs) : await measureArray(jobs, job, nowMs);
  return seconds;
}

async function measureArray(jobs: JobService, { jobId, children = {} }: JobFacts, nowMs: number): Promise<number> {
  let seconds = 0;
  for (const state of ["RUNNING", "SUCCEEDED", "FAILED"] as const) {
    const count = children[state] ?? 0;
    if (count === 0) continue;
    const found = await jobs.listChildren(jobId, state, measuredChildren);
    const sum = found.reduce((total, child) => total + secondsOf(child, nowMs), 0);
    seconds += found.length === 0 ? 0 : (sum / found.length) * count;
  }
  return seconds;
}

function secondsOf({ startedAt, stoppedAt }: JobFacts, nowMs: number): number {
  return startedAt === undefined ? 0 : Math.max(0, (stoppedAt ?? nowMs) - startedAt) / 1000;
}
