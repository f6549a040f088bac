import type { Failure, TrainedElsewhere, TrialProgress } from "../contract/worker-messages.ts";

/** One try at one trial. */
export interface Attempt {
  /** Index into `plan.trials`. */
  readonly trialIndex: number;
  /** From 1. */
  readonly attempt: number;
}

/** What happened to an attempt. Ends with exactly one of finished, failed, checkpointed, held or superseded. */
export type TrialEvent =
  | (Attempt & { readonly type: "started"; readonly worker: string })
  | (Attempt & { readonly type: "progress"; readonly progress: TrialProgress })
  /** A piece of what the trial wrote to stdout or stderr. */
  | (Attempt & { readonly type: "log"; readonly text: string })
  | (Attempt & { readonly type: "finished" })
  | (Attempt & { readonly type: "failed"; readonly failure: Failure })
  /** Stopped on request after a checkpoint; can go on later. */
  | (Attempt & { readonly type: "checkpointed" })
  | (Attempt & TrainedElsewhere)
  /** After held or superseded: whoever trained the trial does so no longer. */
  | (Attempt & { readonly type: "released" });

/** Makes trials run somewhere. Yields events, never writes records. */
export interface Executor {
  /** How many attempts can run side by side. */
  readonly slots: number;
  /** Hands attempts over; they wait here if no slot is free. */
  dispatch(attempts: readonly Attempt[]): void;
  /** Everything that happens, in order, until `close`. May be iterated once. */
  events(): AsyncIterable<TrialEvent>;
  /**
   * Lets one attempt finish its step and checkpoint, and ends it if it doesn't in good time; one that waits is given
   * back. Both end as `checkpointed`, or as killed if there was no checkpoint; an attempt that is over is left alone.
   */
  interrupt(attempt: Attempt): void;
  /** Lets running attempts finish their step and checkpoint; waiting ones are given back as `checkpointed`. */
  stop(): void;
  /** Ends everything at once, without checkpoints. */
  kill(): void;
  /** Stops what still runs, waits for the workers' end and ends `events`. */
  close(): Promise<void>;
}
