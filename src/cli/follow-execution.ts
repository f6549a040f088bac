import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionFacts, ExecutionService } from "../execute/execution-service.ts";
import type { JobService } from "../execute/job-service.ts";
import { surveyJobs } from "../orchestrate/cloud/survey-jobs.ts";
import { describeExecution, describeJobs, waitingLines } from "./cloud-lines.ts";

/** An execution that is followed until it ends. */
export interface Followed {
  readonly executions: ExecutionService;
  readonly jobs: JobService;
  readonly name: string;
  /** ARN. */
  readonly queue: string;
  readonly experiment: string;
  readonly runId: string;
  readonly pollMs: number;
  /** Aborted = look no longer; the execution goes on. */
  readonly stop: AbortSignal;
  /** Takes a line for people. */
  readonly say: (line: string) => void;
}

/**
 * Follows an execution and says what changes.
 * @returns how it ended; undefined if it was not followed to its end
 */
export async function followExecution(followed: Followed): Promise<ExecutionFacts | undefined> {
  const { executions, jobs, name, pollMs, stop, say } = followed;
  let said = "";
  for (;;) {
    const execution = await executions.describe(name);
    const survey = await surveyJobs(jobs, followed);
    const lines = [describeJobs(survey) ?? "planning", ...waitingLines(survey)];
    if (lines.join("\n") !== said) for (const line of lines) say(line);
    said = lines.join("\n");
    if (execution !== undefined && execution.status !== "RUNNING" && execution.status !== "PENDING_REDRIVE") {
      say(describeExecution(name, execution));
      return execution;
    }
    if (stop.aborted) return undefined;
    await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return undefined;
  }
}
