import type { TrialEvent } from "../execute/executor.ts";
import type { OpenedRun } from "../orchestrate/open-run.ts";
import type { RunState } from "../orchestrate/run-state.ts";
import type { Plan } from "../plan/plan.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { describeProgress, describeTrial, headlineOf } from "./run-lines.ts";

/** The first line about a run: what it is, and what is there already. */
export function describeOpening(
  plan: Plan,
  { runId, isContinued, records }: OpenedRun,
  { counts, trials }: RunState,
): string {
  const done = [
    ...(counts.finished > 0 ? [`${counts.finished} finished before`] : []),
    ...(counts.cached > 0 ? [`${counts.cached} taken over from ${nameRuns(records)}`] : []),
    counts.waiting > 0 ? `${counts.waiting} to train` : "nothing left to train",
  ];
  const verb = isContinued ? "Going on with" : "Starting";
  return `${verb} ${plan.experiment} run ${runId}: ${trials.length} trials, ${done.join(", ")}`;
}

/** `run X`, or `runs X and Y` … as far as they can be named shortly. */
function nameRuns({ trials }: OpenedRun["records"]): string {
  const runs = [...new Set(trials.flatMap(({ cachedFrom }) => (cachedFrom === undefined ? [] : [cachedFrom])))];
  if (runs.length === 1) return `run ${runs[0]}`;
  return runs.length <= 3 ? `runs ${runs.join(", ")}` : `${runs.length} earlier runs`;
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
