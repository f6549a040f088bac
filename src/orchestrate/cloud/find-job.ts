import { jobNamePrefix } from "../../contract/batch-limits.ts";
import { trainerVariables } from "../../contract/trainer-environment.ts";
import type { JobFacts, JobService } from "../../execute/job-service.ts";
import { lastRound, loadRound, numbersOf, type RunRound } from "../../record/run-rounds.ts";
import type { Store } from "../../record/store.ts";

/** Which job, and which child of it, runs a trial. */
export interface JobOfTrial {
  readonly jobName: string;
  /** Children of the array; 1 = a single job. */
  readonly size: number;
  /** Of the child. */
  readonly index: number;
}

/** The job that takes the trial at a position of a round's list. */
export function jobAt({ chunks }: Pick<RunRound, "chunks">, position: number): JobOfTrial | undefined {
  const chunk = chunks.findLast((each) => variableOf(each, trainerVariables.trialOffset) <= position);
  if (chunk === undefined) return undefined;
  const within = position - variableOf(chunk, trainerVariables.trialOffset);
  const index = Math.floor(within / Math.max(1, variableOf(chunk, trainerVariables.trialsPerJob)));
  return { jobName: chunk.jobName, size: chunk.size, index };
}

/** The jobs that ran a trial, those of the newest round first. @param run key of the run's folder */
export async function findJobsOf(store: Store, run: string, trialIndex: number): Promise<JobOfTrial[]> {
  const found: JobOfTrial[] = [];
  for (let number = await lastRound(store, run); number >= 1; number--) {
    const round = await loadRound(store, run, number);
    const position = round === undefined ? -1 : numbersOf(round.trials).indexOf(trialIndex);
    const job = round === undefined || position < 0 ? undefined : jobAt(round, position);
    if (job !== undefined) found.push(job);
  }
  return found;
}

/** What AWS Batch knows about jobs of a run; it forgets them about a week after their end. */
export async function describeJobsOf(
  jobs: JobService,
  place: { readonly queue: string; readonly experiment: string; readonly runId: string },
  wanted: readonly JobOfTrial[],
): Promise<(JobFacts | undefined)[]> {
  const listed = await jobs.list(place.queue, jobNamePrefix(place));
  const ids = wanted.map(({ jobName, size, index }) => {
    const job = listed.find((each) => each.jobName === jobName);
    return job && (size > 1 ? `${job.jobId}:${index}` : job.jobId);
  });
  const described = await jobs.describe([...new Set(ids.flatMap((id) => id ?? []))]);
  return ids.map((id) => described.find(({ jobId }) => jobId === id));
}

function variableOf({ environment }: RunRound["chunks"][number], name: string): number {
  return Number(environment.find(({ Name }) => Name === name)?.Value ?? 0);
}
