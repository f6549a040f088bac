import type { Failure } from "../contract/worker-messages.ts";
import type { Attempt, Executor, TrialEvent } from "../execute/executor.ts";
import { decide } from "./decide.ts";
import type { RunClock } from "./run-clock.ts";
import type { RunPolicy } from "./run-policy.ts";
import type { LiveRunState, RunShare, RunWish } from "./run-state.ts";
import type { StopReason } from "../record/run-sessions.ts";

/** What the orchestrator writes down while trials run; the trials' own records are written by the trainer. */
export interface RunJournal {
  /** Keeps what a trial printed. */
  log(attempt: Attempt, text: string): void;
  /** Makes the log durable; called when an attempt has ended. */
  flushLog(attempt: Attempt): Promise<void>;
  failure(attempt: Attempt, failure: Failure): Promise<void>;
}

/** Tells what people ask of a run. */
export interface WishSource {
  /** Calls a function with every change of what is asked, and the trials that are to be tried again from now on. */
  listen(take: (wish: RunWish, retries: readonly number[]) => void): void;
}

/** Tells what other runs leave of the machine. */
export interface ShareSource {
  /** Calls a function every now and then with what is left; undefined = nobody goes before this run. */
  listen(take: (share: RunShare | undefined) => void): void;
}

/** How somebody watches and ends a run. */
export interface RunControl {
  /** Called after every change, with the event that made it. */
  readonly onEvent: (event: TrialEvent) => Promise<void> | void;
  /** Called when a rule stops the run. */
  readonly onStop?: (reason: StopReason) => void;
  /** Where people's wishes come from while the run goes on; absent = there are none. */
  readonly wishes?: WishSource;
  /** What other runs leave of the machine; absent = it is this run's alone. */
  readonly share?: ShareSource;
  /** Called when others leave more or less of the machine than before. */
  readonly onShare?: (share: RunShare | undefined) => void;
  /** Aborted = finish the current steps, checkpoint and end. */
  readonly stop: AbortSignal;
  /** Aborted = end at once. */
  readonly kill: AbortSignal;
}

/** What a run works with. */
export interface RunParts {
  readonly executor: Executor;
  readonly journal: RunJournal;
  readonly control: RunControl;
  readonly clock: RunClock;
  /** Time of all machines together that is paid for, since the run began. */
  readonly paidMs?: () => number;
}

/**
 * Runs what waits in `state` until nothing is left, or until it is stopped by a person or a rule. One loop: decide,
 * dispatch, wait for something to happen, write it down.
 */
export async function runTrials(state: LiveRunState, policy: RunPolicy, parts: RunParts): Promise<void> {
  const { executor, control, clock } = parts;
  const wait = new Wait(clock);
  listen(control.stop, () => {
    state.markStopping();
    executor.stop();
    wait.end();
  });
  listen(control.kill, () => {
    state.markStopping();
    executor.kill();
    wait.end();
  });

  control.wishes?.listen((wish, retries) => {
    state.markWish(wish);
    for (const trialIndex of retries) state.markWanted(trialIndex);
    wait.end();
  });

  control.share?.listen((share) => {
    if (!state.markShare(share)) return;
    control.onShare?.(share);
    wait.end();
  });

  const beganMs = clock.nowMs();
  const advance = (): void => {
    const nowMs = clock.nowMs() - beganMs;
    state.advance(nowMs, parts.paidMs?.() ?? nowMs);
  };
  const events = executor.events()[Symbol.asyncIterator]();
  let next = events.next();
  try {
    for (;;) {
      advance();
      const { isOver, wakeAfterMs } = act(state, policy, parts);
      if (isOver) return;
      const outcome = await wait.for(next, wakeAfterMs);
      if (outcome === "woken") continue;
      if (outcome.done === true) throw new Error("the executor ended while trials were running");
      advance();
      await handle(outcome.value, state, policy, parts);
      next = events.next();
    }
  } finally {
    wait.end();
    await executor.close();
  }
}

/** Does what is decided now. */
function act(state: LiveRunState, policy: RunPolicy, { executor, control }: RunParts) {
  decideFailures(state, policy);
  const decision = decide(state, policy);
  if (decision.stop !== undefined) {
    state.markStopping(decision.stop);
    control.onStop?.(decision.stop);
    executor.stop();
  }
  for (const attempt of decision.interrupt) {
    state.markOverdue(attempt.trialIndex);
    executor.interrupt(attempt);
  }
  for (const attempt of decision.suspend) {
    state.markSuspended(attempt.trialIndex);
    executor.interrupt(attempt);
  }
  for (const attempt of decision.dispatch) state.markDispatched(attempt);
  if (decision.dispatch.length > 0) executor.dispatch(decision.dispatch);
  return decision;
}

function decideFailures(state: LiveRunState, policy: RunPolicy): void {
  const { retry, giveUp } = decide(state, policy);
  for (const { trialIndex, notBeforeMs } of retry) state.markRetried(trialIndex, notBeforeMs);
  for (const trialIndex of giveUp) state.markGivenUp(trialIndex);
}

/** Takes note of an event and writes it down, if it still counts. */
async function handle(event: TrialEvent, state: LiveRunState, policy: RunPolicy, parts: RunParts): Promise<void> {
  const { journal, control } = parts;
  const counted = state.apply(event);
  if (counted === undefined) return;
  if (counted.type === "failed") decideFailures(state, policy);
  // What was killed on request didn't fail: it will go on from its last checkpoint.
  if (!control.kill.aborted) await writeDown(counted, journal);
  await control.onEvent(counted);
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

/** Waits for an event, for a time, or until somebody ends the waiting. */
class Wait {
  private wake: (() => void) | undefined;

  constructor(private readonly clock: RunClock) {}

  /** Ends the waiting, if there is one. */
  end(): void {
    this.wake?.();
  }

  for<Outcome>(outcome: Promise<Outcome>, delayMs: number | undefined): Promise<Outcome | "woken"> {
    return new Promise((resolve, reject) => {
      const cancel = delayMs === undefined ? undefined : this.clock.after(delayMs, () => resolve("woken"));
      this.wake = () => {
        cancel?.();
        resolve("woken");
      };
      outcome.then((value) => {
        cancel?.();
        resolve(value);
      }, reject);
    });
  }
}

function listen(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) action();
  else signal.addEventListener("abort", action, { once: true });
}
