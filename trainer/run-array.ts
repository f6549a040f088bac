import { setTimeout as sleep } from "node:timers/promises";
import { defaultClaimTimes } from "../src/contract/claim-variables.ts";
import { exitCodeOfFailure, exitCodes, type ExitCode } from "../src/contract/exit-codes.ts";
import type { TrainerEnvironment } from "../src/contract/trainer-environment.ts";
import { ClaimWatch } from "../src/record/claim-watch.ts";
import { findJobTrials } from "../src/record/job-trials.ts";
import { claimKeyOf } from "./claimed-attempt.ts";
import { ArrayLogs } from "./array-logs.ts";
import type { StopRequest } from "./stop-request.ts";
import { TrialRunner, type TrainerParts } from "./trial-runner.ts";

/** Which trials of the plan an array child runs. */
export type ArrayWork = Extract<TrainerEnvironment["work"], { readonly dispatch: "array" }>;

/** How soon it is noticed that another process is done with a trial. */
const lookEveryMs = 2000;

/**
 * Runs consecutive trials of the plan, one after another; one that fails does not keep the others from running. Trials
 * that another process holds come last: this process waits until it is known whether that process still lives.
 * @returns the code to exit with: the worst of all trials', or 75 if some were not trained to their end here
 * @throws RecordError if there is no plan
 */
export async function runArray(given: TrainerParts, work: ArrayWork, stop: StopRequest): Promise<ExitCode> {
  const logs = new ArrayLogs(given);
  const parts = logs.parts;
  const runner = new TrialRunner(parts);
  const { trials } = await runner.plan();
  const wanted = await findJobTrials(parts.store, work, trials.length);
  if ("problem" in wanted) {
    parts.logError(wanted.problem);
    return exitCodes.usage;
  }

  let worst: ExitCode = exitCodes.done;
  const held: number[] = [];
  const takeIn = (trialIndex: number, outcome: TrialCode): void => {
    if (outcome === "held") held.push(trialIndex);
    else if (outcome > worst) worst = outcome;
  };
  for (const trialIndex of wanted.trialIndexes) {
    if (stop.signal.aborted) return exitCodes.checkpointed;
    const outcome = await runTrial({ runner, parts, stop, logs }, trialIndex, work.attempt);
    if (outcome === exitCodes.checkpointed) return outcome;
    takeIn(trialIndex, outcome);
  }
  for (const trialIndex of await waitForHeld({ runner, parts, stop, logs }, held.splice(0))) {
    if (stop.signal.aborted) return exitCodes.checkpointed;
    const outcome = await runTrial({ runner, parts, stop, logs }, trialIndex, work.attempt);
    if (outcome === exitCodes.checkpointed) return outcome;
    takeIn(trialIndex, outcome);
  }
  return worst === exitCodes.done && held.length > 0 ? exitCodes.checkpointed : worst;
}

interface ArrayRun {
  readonly runner: TrialRunner;
  readonly parts: TrainerParts;
  readonly stop: StopRequest;
  readonly logs: ArrayLogs;
}

/** How to leave if it were for one trial. */
type TrialCode = ExitCode | "held";

async function runTrial(run: ArrayRun, trialIndex: number, attempt: number): Promise<TrialCode> {
  const place = await run.runner.place(trialIndex);
  return run.logs.during(place, () => makeAttempt(run, trialIndex, attempt));
}

async function makeAttempt({ runner, parts, stop }: ArrayRun, trialIndex: number, attempt: number): Promise<TrialCode> {
  parts.log(`trial ${trialIndex}, attempt ${attempt}`);
  const outcome = await runner.run(trialIndex, attempt, { stop: stop.signal, onProgress: () => undefined });
  switch (outcome.type) {
    case "checkpointed":
      return exitCodes.checkpointed;
    case "finished":
      return exitCodes.done;
    case "held":
    case "superseded":
      parts.log(`trial ${trialIndex} is trained by another process`);
      return "held";
    case "failed":
      parts.logError(`trial ${trialIndex} failed (${outcome.failure.kind}): ${outcome.failure.reason}`);
      // Nobody else does: there is no orchestrator beside an array child.
      await runner.recordFailure(trialIndex, attempt, outcome.failure);
      return exitCodeOfFailure(outcome.failure);
    default:
      throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`);
  }
}

/** Waits for as long as it takes to tell dead holders from live ones. @returns the trials, once nothing is to be learned */
async function waitForHeld({ runner, parts, stop }: ArrayRun, trials: readonly number[]): Promise<readonly number[]> {
  const { expiryMs } = parts.claimTimes ?? defaultClaimTimes;
  const everyMs = Math.min(lookEveryMs, expiryMs / 4);
  const watch = new ClaimWatch(parts.store, expiryMs);
  const keys = new Set(await Promise.all(trials.map(async (trialIndex) => claimKeyOf(await runner.place(trialIndex)))));
  const endMs = performance.now() + expiryMs + 2 * everyMs;
  while (keys.size > 0 && performance.now() < endMs && !stop.signal.aborted) {
    for (const key of keys) if ((await watch.look(key)).type === "free") keys.delete(key);
    if (keys.size > 0) await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return trials;
}
