import type { Deployment, QueueName } from "../../contract/deployment.ts";
import { executionNameOf, type ExecutionInput } from "../../contract/run-machine.ts";
import type { ExecutionFacts, ExecutionService } from "../../execute/execution-service.ts";
import { type CollectedProvenance, writeProvenance } from "../../record/provenance.ts";
import { loadStarts, writeStart, type RunStart } from "../../record/run-starts.ts";
import { openRun, type OpenedRun, type RunRequest } from "../open-run.ts";
import { takeUpRun } from "../take-up-run.ts";

/** A plan that is to be run on AWS. */
export interface CloudRunRequest extends RunRequest {
  readonly deployment: Deployment;
  readonly executions: ExecutionService;
  readonly queue: QueueName;
  /** Whether a run that was cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  readonly provenance?: CollectedProvenance;
}

/** A run that an execution carries out now. */
export interface StartedRun {
  readonly run: OpenedRun;
  /** Absent if nothing is left to train. */
  readonly start?: RunStart;
  /** Whether somebody had started it before. */
  readonly isFollowed: boolean;
}

/**
 * Sees to it that one execution carries out a plan: the one that does already, the one that a client was about to start
 * when it was killed, or a new one. Before an execution is started, its name and input are written down: whoever comes
 * after starts the same one, and the service knows that it is the same.
 */
export async function startCloudRun(request: CloudRunRequest): Promise<StartedRun> {
  const { store, plan, now } = request;
  const run = await openRun(request);
  const { finished, cached } = run.known;
  if (finished.size + cached.size === plan.trials.length) return { run, isFollowed: false };
  await takeUpRun(store, run, request);
  const provenance = request.provenance && (await writeProvenance(store, run.key, request.provenance));
  for (;;) {
    const last = (await loadStarts(store, run.key)).at(-1);
    const there = last && (await request.executions.describe(last.name));
    if (last !== undefined && isGoingOn(there)) return { run, start: last, isFollowed: true };
    const wanted = last !== undefined && there === undefined ? last : newStart(request, run, last);
    const named = provenance === undefined ? wanted : { ...wanted, provenance };
    const start = wanted === last ? last : await writeStart(store, run.key, { ...named, at: now().toISOString() });
    if ((await request.executions.start(start.name, start.input)) === "started")
      return { run, start, isFollowed: false };
  }
}

function isGoingOn(execution: ExecutionFacts | undefined): boolean {
  return execution?.status === "RUNNING" || execution?.status === "PENDING_REDRIVE";
}

function newStart(
  { deployment, queue, plan, now }: CloudRunRequest,
  { runId }: OpenedRun,
  last: RunStart | undefined,
): RunStart {
  const start = (last?.start ?? 0) + 1;
  const input: ExecutionInput = { run: { experiment: plan.experiment, runId }, queue, trigger: "cli" };
  return {
    schemaVersion: 1,
    start,
    name: executionNameOf(runId, start),
    input: JSON.stringify(input),
    at: now().toISOString(),
    stateMachineArn: deployment.stateMachineArn,
    queue: deployment.queues[queue],
    logGroup: deployment.logGroup,
  };
}
