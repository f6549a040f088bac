import { exitCodes, type ExitCode } from "../src/contract/exit-codes.ts";
import type { TrainerEnvironment } from "../src/contract/trainer-environment.ts";
import type { Failure } from "../src/contract/worker-messages.ts";
import type { StopRequest } from "./stop-request.ts";
import { TrialRunner, type TrainerParts } from "./trial-runner.ts";

/** Which trials of the plan an array child runs. */
export type ArrayWork = Extract<TrainerEnvironment["work"], { readonly dispatch: "array" }>;

/**
 * Runs consecutive trials of the plan, one after another; one that fails does not keep the others from running.
 * @returns the code to exit with: the worst of all trials', or 75 if it was stopped before the last one's end
 * @throws RecordError if there is no plan
 */
export async function runArray(parts: TrainerParts, work: ArrayWork, stop: StopRequest): Promise<ExitCode> {
  const runner = new TrialRunner(parts);
  const { trials } = await runner.plan();
  const { firstTrial, trialCount, attempt } = work;
  if (firstTrial >= trials.length) {
    parts.logError(`trial ${firstTrial} was asked for, but the plan's last trial is ${trials.length - 1}`);
    return exitCodes.usage;
  }

  let worst: ExitCode = exitCodes.done;
  const end = Math.min(firstTrial + trialCount, trials.length);
  for (let trialIndex = firstTrial; trialIndex < end; trialIndex++) {
    if (stop.signal.aborted) return exitCodes.checkpointed;
    parts.log(`trial ${trialIndex} of ${trials.length}, attempt ${attempt}`);
    const outcome = await runner.run(trialIndex, attempt, { stop: stop.signal, onProgress: () => undefined });
    if (outcome.type === "checkpointed") return exitCodes.checkpointed;
    if (outcome.type === "finished") continue;
    parts.logError(`trial ${trialIndex} failed (${outcome.failure.kind}): ${outcome.failure.reason}`);
    // Nobody else does: there is no orchestrator beside an array child.
    await runner.recordFailure(trialIndex, attempt, outcome.failure);
    const code = exitCodeOf(outcome.failure);
    if (code > worst) worst = code;
  }
  return worst;
}

/** A loss that diverges will diverge again: like a wrong experiment, it is not worth another attempt. */
function exitCodeOf({ kind }: Failure): ExitCode {
  if (kind === "memory") return exitCodes.outOfMemory;
  return kind === "user" || kind === "diverged" ? exitCodes.invalidInput : exitCodes.bug;
}
