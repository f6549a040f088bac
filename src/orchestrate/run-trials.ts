import type { Failure } from "../contract/worker-messages.ts";
import type { Attempt, Executor, TrialEvent } from "../execute/executor.ts";
import { decide, isRetried, type RunPolicy } from "./decide.ts";
import type { LiveRunState } from "./run-state.ts";

/** What the orchestrator writes down while trials run; the trials' own records are written by the trainer. */
export interface RunJournal {
  /** Keeps what a trial printed. */
  log(attempt: Attempt, text: string): void;
  /** Makes the log durable; called when an attempt has ended. */
  flushLog(attempt: Attempt): Promise<void>;
  failure(attempt: Attempt, failure: Failure): Promise<void>;
}

/** How somebody watches and ends a run. */
export interface RunControl {
  /** Called after every change, with the event that made it. */
  readonly onEvent: (event: TrialEvent) => Promise<void> | void;
  /** Aborted = finish the current steps, checkpoint and end. */
  readonly stop: AbortSignal;
  /** Aborted = end at once. */
  readonly kill: AbortSignal;
}

/**
 * Runs what waits in `state` until nothing is left, or until it is stopped. One loop: decide, dispatch, wait for
 * something to happen, write it down.
 */
export async function runTrials(
  state: LiveRunState,
  policy: RunPolicy,
  parts: { readonly executor: Executor; readonly journal: RunJournal; readonly control: RunControl },
): Promise<void> {
  const { executor, journal, control } = parts;
  listen(control.stop, () => {
    state.isStopping = true;
    executor.stop();
  });
  listen(control.kill, () => {
    state.isStopping = true;
    executor.kill();
  });

  try {
    if (dispatchNext(state, policy, executor)) return;
    for await (const event of executor.events()) {
      state.apply(event, (failure, attempts) => !state.isStopping && isRetried(failure, attempts, policy));
      // What was killed on request didn't fail: it will go on from its last checkpoint.
      if (!control.kill.aborted) await writeDown(event, journal);
      await control.onEvent(event);
      if (dispatchNext(state, policy, executor)) return;
    }
  } finally {
    await executor.close();
  }
}

/** Dispatches what can run now. @returns whether the run is over */
function dispatchNext(state: LiveRunState, policy: RunPolicy, executor: Executor): boolean {
  const { dispatch, isOver } = decide(state, policy);
  for (const { trialIndex, attempt } of dispatch) state.markDispatched(trialIndex, attempt);
  if (dispatch.length > 0) executor.dispatch(dispatch);
  return isOver;
}

async function writeDown(event: TrialEvent, journal: RunJournal): Promise<void> {
  switch (event.type) {
    case "started":
    case "progress":
    case "released":
      return;
    case "log":
      return journal.log(event, event.text);
    case "failed":
      await journal.failure(event, event.failure);
      return journal.flushLog(event);
    case "finished":
    case "checkpointed":
    case "held":
    case "superseded":
      return journal.flushLog(event);
    default:
      throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

function listen(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) action();
  else signal.addEventListener("abort", action, { once: true });
}
