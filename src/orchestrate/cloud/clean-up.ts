import { jobNamePrefix } from "../../contract/batch-limits.ts";
import { queueNames } from "../../contract/deployment.ts";
import type { ExecutionEnded } from "../../contract/run-machine.ts";
import { loadExecution } from "../../record/executions.ts";
import type { CloudParts } from "./cloud-parts.ts";
import type { JobFacts, JobService } from "../../execute/job-service.ts";
import { confirmingRunId } from "./report-step.ts";

/** What was left of an execution. */
export interface CleanedUp {
  /** Ids of the jobs that were ended. */
  readonly terminated: readonly string[];
}

/**
 * Clears up after an execution that failed, timed out or was aborted: no job of its run is left running, and a scheduled
 * night gets a gap with the reason. The state machine itself ends the jobs that it waits for; this is the second net.
 */
export async function cleanUp(parts: CloudParts, { detail }: ExecutionEnded): Promise<CleanedUp> {
  const { store, jobs, settings, gate } = parts;
  const execution = await loadExecution(store, detail.name);
  if (execution === undefined) return { terminated: [] };
  const { experiment, runId, trigger } = execution;
  const cause = detail.cause ? ` (${detail.cause.slice(0, 500)})` : "";
  const reason = `the execution ${detail.name} of the state machine ended: ${detail.status}${cause}`;
  const queues = queueNames.map((name) => settings.queues[name]);
  const terminated: string[] = [];
  for (const id of [runId, confirmingRunId(runId)]) {
    const namePrefix = jobNamePrefix({ experiment, runId: id });
    terminated.push(...(await terminateJobs(jobs, queues, { namePrefix, reason })));
  }
  if (trigger === "schedule") await gate.recordGap(store, { experiment, runId, reason });
  return { terminated };
}

/** Ends all jobs whose names begin with a prefix, whatever they are doing. @returns their ids */
export async function terminateJobs(
  jobs: JobService,
  queues: readonly string[],
  { namePrefix, reason }: { readonly namePrefix: string; readonly reason: string },
): Promise<string[]> {
  const listed = await Promise.all(queues.map((queue) => jobs.list(queue, namePrefix)));
  const open = listed.flat().filter(isOpen);
  for (const { jobId } of open) await jobs.terminate(jobId, reason);
  return open.map(({ jobId }) => jobId);
}

function isOpen({ status }: JobFacts): boolean {
  return status !== "SUCCEEDED" && status !== "FAILED";
}
