import type { FailureGroup } from "../orchestrate/group-failures.ts";
import type { RunSession } from "../record/run-sessions.ts";
import { failureAdvice } from "./failure-advice.ts";
import { adviseAfterStop, describeStop } from "./stop-lines.ts";

const maxShownTrials = 8;

/** Why trials of a run failed, cause by cause, with the last lines of a log and what to do; empty if none did. */
export function failureLines(groups: readonly FailureGroup[]): string[] {
  return groups.flatMap(({ kind, reason, trials, lastLines }) => {
    const { name, advice } = failureAdvice[kind];
    const [first = "", ...others] = reason.split("\n");
    return [
      "",
      `${trials.length} ${trials.length === 1 ? "trial" : "trials"} failed: ${name} (${kind})`,
      `  ${first}`,
      ...others.map((line) => `  ${line}`),
      `  trials: ${namesOf(trials)}`,
      ...(lastLines.length === 0 ? [] : ["  last lines of the first one's log:"]),
      ...lastLines.map((line) => `    ${line}`),
      `  what to do: ${advice}`,
    ];
  });
}

/** Which rule stopped the last session of a run, if one did. */
export function lastStopLines(sessions: readonly RunSession[]): string[] {
  const stop = sessions.at(-1)?.stop;
  // That a run is cancelled is said by its control.json, for as long as it is so.
  return stop === undefined || stop.rule === "cancelled"
    ? []
    : [`stopped: ${describeStop(stop)}`, `  fix: ${adviseAfterStop(stop)}`];
}

function namesOf(trials: readonly string[]): string {
  const shown = trials.slice(0, maxShownTrials).map((id) => id.slice(0, 8));
  const more = trials.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} … and ${more} more`;
}
