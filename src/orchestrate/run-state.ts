import type { ClaimHolder, Failure, TrialProgress } from "../contract/worker-messages.ts";
import type { TrialEvent } from "../execute/executor.ts";

/** Where one trial of a run is. */
export type TrialState =
  /** Waits for a slot; `attempts` were already made. */
  | { readonly type: "waiting"; readonly attempts: number; readonly lastFailure?: Failure }
  | { readonly type: "running"; readonly attempt: number; readonly progress?: TrialProgress }
  | { readonly type: "finished" }
  /** Finished by an earlier run; not run again. */
  | { readonly type: "cached" }
  /** Somebody else trains it; waits until that has ended. */
  | { readonly type: "elsewhere"; readonly attempts: number; readonly holder?: ClaimHolder }
  /** Not tried again in this run. */
  | { readonly type: "failed"; readonly attempts: number; readonly failure: Failure }
  /** Stopped on request after a checkpoint. */
  | { readonly type: "checkpointed"; readonly attempts: number };

/** How many trials are in each state. */
export type StateCounts = Readonly<Record<TrialState["type"], number>>;

/** What the orchestrator knows of a run: the input of `decide`. */
export interface RunState {
  /** In the plan's order. */
  readonly trials: readonly TrialState[];
  /** Indexes of waiting trials, next first. */
  readonly queue: readonly number[];
  readonly counts: StateCounts;
  /** Whether somebody asked for an end after the current steps. */
  readonly isStopping: boolean;
}

/** Trials that were there before this run started. */
export interface KnownTrials {
  /** Indexes of trials that are done, in this run or in an earlier one. */
  readonly finished: ReadonlySet<number>;
  readonly cached: ReadonlySet<number>;
}

/**
 * A run's state that changes in place as events come in: one event costs the same for 10 and for 100,000 trials.
 * `decide` sees it as the read-only `RunState`.
 */
export class LiveRunState implements RunState {
  readonly trials: TrialState[];
  readonly queue: number[] = [];
  readonly counts = { waiting: 0, running: 0, finished: 0, cached: 0, elsewhere: 0, failed: 0, checkpointed: 0 };
  isStopping = false;
  private head = 0;

  constructor(trialCount: number, known: KnownTrials) {
    this.trials = Array.from({ length: trialCount }, (_, index): TrialState => {
      if (known.finished.has(index)) return { type: "finished" };
      if (known.cached.has(index)) return { type: "cached" };
      this.queue.push(index);
      return { type: "waiting", attempts: 0 };
    });
    for (const trial of this.trials) this.counts[trial.type]++;
  }

  /** Indexes of the next waiting trials, at most `count`. */
  nextWaiting(count: number): number[] {
    return this.queue.slice(this.head, this.head + count);
  }

  /** Takes note that the next waiting trial was handed to the executor. */
  markDispatched(trialIndex: number, attempt: number): void {
    if (this.queue[this.head] !== trialIndex) throw new Error(`trial ${trialIndex} is not the next one waiting`);
    this.head++;
    this.change(trialIndex, { type: "running", attempt });
  }

  /** Takes note of what happened to an attempt. @param isRetried whether a failed trial waits for another attempt */
  apply(event: TrialEvent, isRetried: (failure: Failure, attempts: number) => boolean): void {
    const { trialIndex, attempt } = event;
    switch (event.type) {
      case "started":
      case "log":
        return;
      case "progress":
        return this.change(trialIndex, { type: "running", attempt, progress: event.progress });
      case "finished":
        return this.change(trialIndex, { type: "finished" });
      case "checkpointed":
        return this.change(trialIndex, { type: "checkpointed", attempts: attempt });
      case "held":
      case "superseded": {
        const { holder } = event;
        return this.change(trialIndex, { type: "elsewhere", attempts: attempt, ...(holder && { holder }) });
      }
      case "released":
        this.queue.push(trialIndex);
        return this.change(trialIndex, { type: "waiting", attempts: attempt });
      case "failed": {
        const { failure } = event;
        if (!isRetried(failure, attempt))
          return this.change(trialIndex, { type: "failed", attempts: attempt, failure });
        this.queue.push(trialIndex);
        return this.change(trialIndex, { type: "waiting", attempts: attempt, lastFailure: failure });
      }
      default:
        throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  private change(trialIndex: number, state: TrialState): void {
    const before = this.trials[trialIndex];
    if (before === undefined) throw new RangeError(`the run has no trial number ${trialIndex}`);
    this.counts[before.type]--;
    this.counts[state.type]++;
    this.trials[trialIndex] = state;
  }
}
