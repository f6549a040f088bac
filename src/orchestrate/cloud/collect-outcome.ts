import { jobNamePrefix } from "../../contract/batch-limits.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { Failure } from "../../contract/worker-messages.ts";
import type { TrialId } from "../../plan/plan.ts";
import { findListed } from "../../record/ledger.ts";
import { loadTrialState } from "../../record/load-trial.ts";
import { mapConcurrently } from "../../record/map-concurrently.ts";
import { numbersOf, writeRoundOutcome, type RoundOutcome, type RunRound } from "../../record/run-rounds.ts";
import type { CloudParts } from "./cloud-parts.ts";
import type { CloudRun } from "./cloud-run.ts";
import { explainEndedJob } from "./explain-job.ts";
import { jobAt } from "./find-job.ts";
import type { JobFacts } from "../../execute/job-service.ts";

type OutcomeParts = Pick<CloudParts, "store" | "jobs" | "settings" | "now">;

/** Children of an array that are asked after one by one; what is wrong with more is seldom something else. */
const maxExplained = 200;

/**
 * What became of the trials of a round whose jobs have all ended: from the records, and where they say nothing, from
 * AWS Batch. What was collected first counts, whoever asks again.
 */
export async function collectOutcome(parts: OutcomeParts, run: CloudRun, round: RunRound): Promise<RoundOutcome> {
  const { store } = parts;
  const trials = numbersOf(round.trials);
  const open = await findOpen(parts, run, trials);
  const states = await mapConcurrently(open, ({ trial, id }) =>
    loadTrialState(store, objectKeys.trial(run.key, id)).then((state) => ({ trial, state })),
  );
  const unexplained = states.flatMap(({ trial, state }) => (state.type === "started" ? [trial] : []));
  const explanations = unexplained.length === 0 ? undefined : await explainJobs(parts, run, round);
  const positions = new Map(unexplained.length === 0 ? [] : trials.map((trial, position) => [trial, position]));
  const failed = states.flatMap(({ trial, state }) => {
    if (state.type === "finished") return [];
    if (state.type === "failed") return [{ trial, kind: state.failure.kind, reason: state.failure.reason }];
    return [{ trial, ...(explanations?.(positions.get(trial) ?? 0) ?? explainEndedJob(undefined)) }];
  });
  return writeRoundOutcome(store, run.key, {
    schemaVersion: 1,
    round: round.round,
    at: parts.now().toISOString(),
    failed,
    computingSeconds:
      run.policy.budgetMs === undefined && run.policy.budgetUsd === undefined ? 0 : await measure(parts, run, round),
  });
}

/** Trials that the ledger doesn't know, or all of a run that ignores it. */
async function findOpen(
  { store }: OutcomeParts,
  { plan, ignoresLedger }: CloudRun,
  trials: readonly number[],
): Promise<{ readonly trial: number; readonly id: TrialId }[]> {
  const all = trials.flatMap((trial) => {
    const id = plan.trials[trial]?.id;
    return id === undefined ? [] : [{ trial, id }];
  });
  if (ignoresLedger) return all;
  const listed = await findListed(
    store,
    all.map(({ id }) => id),
  );
  return all.filter(({ id }) => !listed.has(id));
}

/** @returns a function that explains the trial at a position of the round's list */
async function explainJobs(
  parts: OutcomeParts,
  run: CloudRun,
  round: RunRound,
): Promise<(position: number) => Failure> {
  const jobs = await listJobs(parts, run, round);
  const children = new Map<string, JobFacts>();
  for (const job of jobs) {
    if (job.children === undefined || children.size >= maxExplained) continue;
    const failed = await parts.jobs.listChildren(job.jobId, "FAILED", maxExplained);
    for (const child of await parts.jobs.describe(failed.map(({ jobId }) => jobId))) children.set(child.jobId, child);
  }
  return (position) => {
    const place = jobAt(round, position);
    const job = jobs.find(({ jobName }) => jobName === place?.jobName);
    return explainEndedJob(job && (children.get(`${job.jobId}:${place?.index}`) ?? job));
  };
}

/** Seconds that containers of a round's jobs ran, their waiting between attempts included. */
async function measure(parts: OutcomeParts, run: CloudRun, round: RunRound): Promise<number> {
  let seconds = 0;
  for (const job of await listJobs(parts, run, round)) {
    const ended = job.children === undefined ? [job] : await listEnded(parts, job.jobId);
    for (const { startedAt, stoppedAt } of ended)
      if (startedAt !== undefined && stoppedAt !== undefined) seconds += Math.max(0, stoppedAt - startedAt) / 1000;
  }
  return seconds;
}

async function listEnded({ jobs }: OutcomeParts, arrayId: string): Promise<JobFacts[]> {
  const lists = await Promise.all([jobs.listChildren(arrayId, "SUCCEEDED"), jobs.listChildren(arrayId, "FAILED")]);
  return lists.flat();
}

async function listJobs({ jobs, settings }: OutcomeParts, run: CloudRun, { round }: RunRound): Promise<JobFacts[]> {
  const listed = await jobs.list(settings.queues[run.queue], `${jobNamePrefix(run)}r${round}-`);
  return jobs.describe(listed.map(({ jobId }) => jobId));
}
