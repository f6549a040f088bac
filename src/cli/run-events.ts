import type { ClaimHolder } from "../contract/worker-messages.ts";
import type { TrialEvent } from "../execute/executor.ts";
import type { OpenedRun } from "../orchestrate/open-run.ts";
import type { RunShare, RunState, RunWish } from "../orchestrate/run-state.ts";
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

/** A line about what people ask of a run that goes on. */
export function describeWish({ state, workers, priority }: RunWish): string {
  const limits = [
    ...(workers === undefined ? [] : [`at most ${workers} side by side`]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
  ];
  switch (state) {
    case "running":
      return `As asked, trials are trained${limits.length === 0 ? "" : ` with ${limits.join(" and ")}`}.`;
    case "paused":
      return "Paused: what runs finishes its step and writes a checkpoint. To go on: nightsweep resume";
    case "cancelled":
      return "Cancelled, as asked.";
    default:
      throw new Error(`unknown state ${String(state satisfies never)}`);
  }
}

/** A line about what runs of higher priority leave of the machine. */
export function describeShare(share: RunShare | undefined): string {
  if (share === undefined) return "No run of higher priority is left on this machine: all workers are used again.";
  const { experiment, runId, priority } = share.for;
  const rest = share.slots === 0 ? "nothing is" : `${share.slots} at most are`;
  return `Giving way to ${experiment} run ${runId} (priority ${priority}): ${rest} trained here meanwhile.`;
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
    case "held":
    case "superseded": {
      const what = event.type === "held" ? "left to another process" : "taken over by another process";
      return `${prefix} ${what}: ${trial}${event.holder === undefined ? "" : ` (${describeHolder(event.holder)})`}`;
    }
    case "released":
      return undefined;
    case "failed": {
      const isRetried = state.trials[event.trialIndex]?.type === "waiting";
      return `${prefix} ${isRetried ? "failed, will be tried again" : "FAILED"}: ${trial}: ${event.failure.reason}`;
    }
    default:
      throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

/** A line about the trials that this process only waits for, or undefined if it has something else to do. */
export function describeWaiting({ counts, trials }: RunState): string | undefined {
  if (counts.elsewhere === 0 || counts.running + counts.waiting > 0) return undefined;
  const holders = new Map<string, number>();
  for (const trial of trials) {
    if (trial.type !== "elsewhere") continue;
    const name = trial.holder === undefined ? "another process" : describeHolder(trial.holder);
    holders.set(name, (holders.get(name) ?? 0) + 1);
  }
  const parts = [...holders].map(([name, count], index) => {
    const what =
      index > 0 ? String(count) : count === 1 ? "1 trial is being trained" : `${count} trials are being trained`;
    return `${what} by ${name}`;
  });
  return `waiting: ${parts.join(", ")}`;
}

/** `run 20261122T101530Z-k7qd on host lab-3, process 4711` */
export function describeHolder({ runId, host, pid }: ClaimHolder): string {
  return `run ${runId} on host ${host}, process ${pid}`;
}

function describeResult(result: TrialResult): string {
  const { name, value } = headlineOf(result);
  const test = name === "test accuracy" ? "" : `  test accuracy ${result.test.accuracy.toFixed(4)}`;
  return `  ${name} ${value.toFixed(4)}${test}`;
}
