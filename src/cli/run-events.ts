import type { TrialEvent } from "../execute/executor.ts";
import type { OpenedRun } from "../orchestrate/open-run.ts";
import type { RunState, RunWish } from "../orchestrate/run-state.ts";
import type { Plan } from "../plan/plan.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { describeProgress, describeTrial, headlineOf } from "./run-lines.ts";

/** The first line about a run: what it is, and what is there already. */
export function describeOpening(plan: Plan, { runId, isContinued }: OpenedRun, { counts, trials }: RunState): string {
  const done = [
    ...(counts.finished > 0 ? [`${counts.finished} finished before`] : []),
    ...(counts.cached > 0 ? [`${counts.cached} taken over from earlier runs`] : []),
    counts.waiting > 0 ? `${counts.waiting} to train` : "nothing left to train",
  ];
  const verb = isContinued ? "Going on with" : "Starting";
  return `${verb} ${plan.experiment} run ${runId}: ${trials.length} trials, ${done.join(", ")}`;
}

/** A line about what people ask of a run that goes on. */
export function describeWish({ state, workers }: RunWish): string {
  const limit = workers === undefined ? "" : ` with at most ${workers} side by side`;
  switch (state) {
    case "running":
      return `As asked, trials are trained${limit}.`;
    case "paused":
      return "Paused: what runs finishes its step and writes a checkpoint. To go on: nightsweep resume";
    case "cancelled":
      return "Cancelled, as asked.";
    default:
      throw new Error(`unknown state ${String(state satisfies never)}`);
  }
}

/** A line about an event, or undefined if it is not worth one. */
export function describeEvent(
  plan: Plan,
  event: TrialEvent,
  { state, result }: { readonly state: RunState; readonly result: TrialResult | undefined },
): string | undefined {
  const trial = describeTrial(plan, event.trialIndex);
  const done = state.counts.finished + state.counts.cached;
  const prefix = `[${done}/${state.trials.length}]`;
  switch (event.type) {
    case "log":
      return undefined;
    case "started":
      return event.attempt === 1 ? undefined : `${prefix} attempt ${event.attempt}: ${trial}`;
    case "progress":
      return `${prefix} ${trial}  ${describeProgress(event.progress)}`;
    case "finished":
      return `${prefix} finished ${trial}${result === undefined ? "" : describeResult(result)}`;
    case "checkpointed":
      return `${prefix} stopped at a checkpoint: ${trial}`;
    case "failed": {
      const isRetried = state.trials[event.trialIndex]?.type === "waiting";
      return `${prefix} ${isRetried ? "failed, will be tried again" : "FAILED"}: ${trial}: ${event.failure.reason}`;
    }
    default:
      throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

function describeResult(result: TrialResult): string {
  const { name, value } = headlineOf(result);
  const test = name === "test accuracy" ? "" : `  test accuracy ${result.test.accuracy.toFixed(4)}`;
  return `  ${name} ${value.toFixed(4)}${test}`;
}
