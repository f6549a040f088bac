import type { Failure, FailureKind } from "../contract/worker-messages.ts";
import type { Attempt } from "../execute/executor.ts";
import type { LiveRunState } from "./run-state.ts";

/** The rules of a run. */
export interface RunPolicy {
  /** Attempts that may run or wait in the executor side by side. */
  readonly slots: number;
  /** Attempts at one trial, by kind of failure; the kind of the last failure counts. */
  readonly maxAttempts: Readonly<Record<FailureKind, number>>;
}

/**
 * A wrong experiment or a diverged loss fails the same way again; a killed process may well succeed. Memory may have been
 * short because of what else was in the process: a new one shows.
 */
export const defaultMaxAttempts: RunPolicy["maxAttempts"] = { user: 1, diverged: 1, memory: 2, killed: 4, bug: 2 };

/** What to do next. */
export interface Decision {
  readonly dispatch: readonly Attempt[];
  /** Nothing runs and nothing will: the run is over. */
  readonly isOver: boolean;
}

/** What is to be done in a state of a run. Pure: no clock, randomness or I/O, and the state is not changed. */
export function decide(
  state: Pick<LiveRunState, "counts" | "isStopping" | "trials" | "nextWaiting">,
  policy: RunPolicy,
): Decision {
  const free = state.isStopping ? 0 : Math.max(0, policy.slots - state.counts.running);
  const dispatch = state.nextWaiting(free).map((trialIndex) => {
    const trial = state.trials[trialIndex];
    const attempts = trial?.type === "waiting" ? trial.attempts : 0;
    return { trialIndex, attempt: attempts + 1 };
  });
  return { dispatch, isOver: dispatch.length === 0 && state.counts.running === 0 };
}

/** Whether a trial that failed is tried again in the same run. */
export function isRetried(failure: Failure, attempts: number, policy: RunPolicy): boolean {
  return attempts < policy.maxAttempts[failure.kind];
}
