import type {
  ClaimHolder,
  Failure,
  FailureKind,
  TrainedElsewhere,
  TrialProgress,
} from "../contract/worker-messages.ts";
import type { Attempt, TrialEvent } from "../execute/executor.ts";
import { FailureStreak, type Streak } from "./failure-streak.ts";
import type { StopReason } from "../record/run-sessions.ts";
import { WaitingTrials } from "./waiting-trials.ts";

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
  /** Failed; unless it is among the `undecided`, it is not tried again in this session. */
  | { readonly type: "failed"; readonly attempts: number; readonly failure: Failure }
  /** Stopped on request after a checkpoint. */
  | { readonly type: "checkpointed"; readonly attempts: number };

/** How many trials are in each state. */
export type StateCounts = Readonly<Record<TrialState["type"], number>>;

/** What the orchestrator knows of a run, for those who watch it. */
export interface RunState {
  /** In the plan's order. */
  readonly trials: readonly TrialState[];
  readonly counts: StateCounts;
  /** Whether the run is to end after the current steps. */
  readonly isStopping: boolean;
  /** Which rule stopped the run; absent if none did. */
  readonly stopReason: StopReason | undefined;
  readonly wish: RunWish;
  /** What runs of higher priority leave of the machine; undefined = there are none. */
  readonly share: RunShare | undefined;
}

/** Trials that were there before this run started. */
export interface KnownTrials {
  /** Indexes of trials that are done, in this run or in an earlier one. */
  readonly finished: ReadonlySet<number>;
  readonly cached: ReadonlySet<number>;
}

/** What people ask of a run while it goes on. */
export interface RunWish {
  /** A paused run starts nothing, and what ran waits at a checkpoint; a cancelled one ends. */
  readonly state: "running" | "paused" | "cancelled";
  /** Trials side by side; absent = as the run was started. */
  readonly workers?: number;
  /** How the run goes before others on its machine; absent = as it was started. */
  readonly priority?: number;
}

/** What runs of higher priority leave of a machine. */
export interface RunShare {
  /** Trials that may be trained side by side now. */
  readonly slots: number;
  /** The run that goes first of all. */
  readonly for: { readonly experiment: string; readonly runId: string; readonly priority: number };
}

/** What a run has used up. */
export interface Spent {
  /** Time of all attempts together. */
  readonly computingMs: number;
  /** Time of all machines together. */
  readonly paidMs: number;
}

/** What is remembered of a trial that failed before. */
export interface TrialHistory {
  /** Failures that count, by kind. */
  readonly failures: Partial<Record<FailureKind, number>>;
  /** The furthest step that an attempt told of. */
  furthestStep: number;
}

/** Tries one after another in which store, disk or network failed. */
export interface Hold {
  /** How many, until a trial finishes or an attempt gets clearly further before it fails; 0 = none. */
  readonly tries: number;
  /** Whether nothing has made progress since the last of them: then hardly anything is dispatched. */
  readonly isShut: boolean;
  /** When the last of them failed. */
  readonly sinceMs: number;
  readonly failure?: Failure;
}

/** An attempt that got further by at least this part of the training makes its trial's earlier kills forgotten. */
const countedProgress = 1 / 20;
const nothingSpent: Spent = { computingMs: 0, paidMs: 0 };
const noHold: Hold = { tries: 0, isShut: false, sinceMs: Number.NEGATIVE_INFINITY };

/** What a run's state starts from besides the trials that are done. */
export interface StateOptions {
  /** The configuration that a trial belongs to; absent = each trial its own. */
  readonly configurationOf?: (trialIndex: number) => number;
  /** What earlier sessions of the run have used up. */
  readonly spentBefore?: Spent;
}

/**
 * A run's state that changes in place as events come in: one event costs the same for 10 and for 100,000 trials. What
 * is to be done next is not decided here but by `decide`, which only reads it; times are numbers that `advance` sets.
 * Events may come twice, late and in any order: what belongs to an attempt that is over is ignored, and a trial that
 * has finished stays finished.
 */
export class LiveRunState implements RunState {
  readonly trials: TrialState[];
  readonly counts = { waiting: 0, running: 0, finished: 0, cached: 0, elsewhere: 0, failed: 0, checkpointed: 0 };
  isStopping = false;
  stopReason: StopReason | undefined;
  /** The time, on a clock that only goes forward; 0 = the beginning of this session. */
  nowMs = 0;
  hold = noHold;
  /** Trials that failed and are neither retried nor given up yet. */
  readonly undecided = new Set<number>();
  /** Attempts that were told to end after their time limit. */
  readonly overdue = new Set<number>();
  /** Attempts that were told to checkpoint and give their slot back; their trials wait again. */
  readonly suspended = new Set<number>();
  wish: RunWish = { state: "running" };
  share: RunShare | undefined;
  /** When the running attempts began, the oldest first; those that wait in the executor are not in it. */
  readonly runningSinceMs = new Map<number, number>();
  /** Trials that failed for good in this session. */
  givenUp = 0;
  private readonly waiting = new WaitingTrials();
  private readonly streak = new FailureStreak();
  private readonly histories = new Map<number, TrialHistory>();
  private readonly spentBefore: Spent;
  private readonly configurationOf: (trialIndex: number) => number;
  private endedMs = 0;
  private sumOfBeginsMs = 0;
  private paidMs = 0;

  constructor(trialCount: number, known: KnownTrials, options: StateOptions = {}) {
    this.configurationOf = options.configurationOf ?? ((trialIndex) => trialIndex);
    this.spentBefore = options.spentBefore ?? nothingSpent;
    this.trials = Array.from({ length: trialCount }, (_, index): TrialState => {
      if (known.finished.has(index)) return { type: "finished" };
      if (known.cached.has(index)) return { type: "cached" };
      this.waiting.add(index);
      return { type: "waiting", attempts: 0 };
    });
    for (const trial of this.trials) this.counts[trial.type]++;
  }

  /** What the run has used up until now, earlier sessions included. */
  get spent(): Spent {
    const { computingMs, paidMs } = this.spentBefore;
    const running = this.runningSinceMs.size * this.nowMs - this.sumOfBeginsMs;
    return { computingMs: computingMs + this.endedMs + running, paidMs: paidMs + this.paidMs };
  }

  /** Trials that failed for good one after another in the same way. */
  get failuresInARow(): Streak | undefined {
    return this.streak.current;
  }

  /** When the next trial that waits for a time may start, or undefined. */
  get nextDueMs(): number | undefined {
    return this.waiting.nextDueMs;
  }

  /** What is remembered of a trial's failures. */
  historyOf(trialIndex: number): Readonly<TrialHistory> | undefined {
    return this.histories.get(trialIndex);
  }

  /** Indexes of the next waiting trials that may start now, at most `count`. */
  nextWaiting(count: number): number[] {
    return this.waiting.peek(count, (index) => this.isWaiting(index));
  }

  /** Takes note of the time, and of what machines have been paid for in this session. */
  advance(nowMs: number, paidMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    this.paidMs = Math.max(this.paidMs, paidMs);
    this.waiting.advance(this.nowMs);
  }

  /** Takes note that the next waiting trial was handed to the executor. */
  markDispatched({ trialIndex, attempt }: Attempt): void {
    this.waiting.take(trialIndex, (index) => this.isWaiting(index));
    this.change(trialIndex, { type: "running", attempt });
  }

  /** Takes note that a running attempt was told to end because its time is up. */
  markOverdue(trialIndex: number): void {
    this.overdue.add(trialIndex);
  }

  /** Takes note that a running attempt was told to give its slot back. */
  markSuspended(trialIndex: number): void {
    this.suspended.add(trialIndex);
  }

  /** Takes note of what people ask of the run from now on. */
  markWish(wish: RunWish): void {
    this.wish = wish;
  }

  /** Takes note of what other runs leave of the machine from now on. @returns whether it is another than before */
  markShare(share: RunShare | undefined): boolean {
    const isSame = share?.slots === this.share?.slots && share?.for.runId === this.share?.for.runId;
    this.share = share;
    return !isSame;
  }

  /**
   * Takes note that somebody wants a trial that failed for good to be tried again, with all its retries.
   * @returns whether it waits now; false if it hasn't failed for good
   */
  markWanted(trialIndex: number): boolean {
    const trial = this.trials[trialIndex];
    if (trial?.type !== "failed" || this.undecided.has(trialIndex) || this.isStopping) return false;
    this.histories.delete(trialIndex);
    this.givenUp--;
    this.waiting.add(trialIndex);
    this.change(trialIndex, { type: "waiting", attempts: trial.attempts, lastFailure: trial.failure });
    return true;
  }

  /** Takes note that a trial that failed waits for another attempt. */
  markRetried(trialIndex: number, notBeforeMs: number): void {
    const trial = this.trials[trialIndex];
    if (trial?.type !== "failed" || !this.undecided.delete(trialIndex)) return;
    if (notBeforeMs > this.nowMs) this.waiting.addDelayed(trialIndex, notBeforeMs);
    else this.waiting.add(trialIndex);
    this.change(trialIndex, { type: "waiting", attempts: trial.attempts, lastFailure: trial.failure });
  }

  /** Takes note that a trial that failed is not tried again in this session. */
  markGivenUp(trialIndex: number): void {
    const trial = this.trials[trialIndex];
    if (trial?.type !== "failed" || !this.undecided.delete(trialIndex)) return;
    this.givenUp++;
    this.streak.failed(trial.failure, this.configurationOf(trialIndex));
  }

  /** Takes note that the run is to end. @param reason the rule that says so; absent = a person */
  markStopping(reason?: StopReason): void {
    this.isStopping = true;
    this.stopReason ??= reason;
  }

  /**
   * Takes note of what happened to an attempt.
   * @returns the event as it counts (an attempt that ends after its time limit has failed), or undefined if it doesn't
   */
  apply(event: TrialEvent): TrialEvent | undefined {
    const { trialIndex } = event;
    if (event.type === "log") return event;
    if (event.type === "finished") return this.finish(trialIndex) ? event : undefined;
    const trial = this.trials[trialIndex];
    if (event.type === "released") return this.takeBack(event);
    if (trial?.type !== "running" || trial.attempt !== event.attempt) return undefined;
    switch (event.type) {
      case "started":
        this.begin(trialIndex);
        return event;
      case "progress":
        if (this.hold.isShut) this.hold = { ...this.hold, isShut: false };
        this.trials[trialIndex] = { ...trial, progress: event.progress };
        return event;
      case "checkpointed":
        return this.leaveAtCheckpoint(event);
      case "failed":
        return this.fail(event);
      case "held":
      case "superseded":
        return this.leaveToOthers(event);
      default:
        throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  private leaveToOthers(event: Attempt & TrainedElsewhere): TrialEvent {
    const { trialIndex, attempt, holder } = event;
    // The store answers.
    if (this.hold.isShut) this.hold = { ...this.hold, isShut: false };
    this.change(trialIndex, { type: "elsewhere", attempts: attempt, ...(holder && { holder }) });
    return event;
  }

  private takeBack(event: Extract<TrialEvent, { type: "released" }>): TrialEvent | undefined {
    const { trialIndex, attempt } = event;
    const trial = this.trials[trialIndex];
    if (trial?.type !== "elsewhere" || trial.attempts !== attempt) return undefined;
    this.waiting.add(trialIndex);
    this.change(trialIndex, { type: "waiting", attempts: attempt });
    return event;
  }

  private isWaiting(trialIndex: number): boolean {
    return this.trials[trialIndex]?.type === "waiting";
  }

  private begin(trialIndex: number): void {
    if (this.runningSinceMs.has(trialIndex)) return;
    this.runningSinceMs.set(trialIndex, this.nowMs);
    this.sumOfBeginsMs += this.nowMs;
  }

  private finish(trialIndex: number): boolean {
    const before = this.trials[trialIndex]?.type;
    if (before === "finished" || before === "cached") return false;
    this.undecided.delete(trialIndex);
    this.forgetHold();
    this.streak.finished();
    this.histories.delete(trialIndex);
    this.change(trialIndex, { type: "finished" });
    return true;
  }

  private leaveAtCheckpoint(event: Extract<TrialEvent, { type: "checkpointed" }>): TrialEvent {
    const { trialIndex, attempt } = event;
    const isStopped = this.isStopping && !this.overdue.has(trialIndex);
    if (isStopped) {
      this.change(trialIndex, { type: "checkpointed", attempts: attempt });
      return event;
    }
    if (this.suspended.has(trialIndex)) {
      this.waiting.add(trialIndex);
      this.change(trialIndex, { type: "waiting", attempts: attempt });
      return event;
    }
    const failure = {
      kind: "killed",
      reason: "the trainer was told to stop by somebody else, and checkpointed",
    } as const;
    return this.fail({ type: "failed", trialIndex, attempt, failure });
  }

  private fail(event: Extract<TrialEvent, { type: "failed" }>): TrialEvent {
    const { trialIndex, attempt } = event;
    // Who didn't checkpoint in time was killed on request, and goes on from the checkpoint before.
    if (this.suspended.has(trialIndex) && event.failure.kind === "killed")
      return this.leaveAtCheckpoint({ type: "checkpointed", trialIndex, attempt });
    const failure = this.overdue.has(trialIndex) ? this.timeLimitFailure(trialIndex) : event.failure;
    const gotFurther = this.remember(trialIndex, failure);
    if (failure.kind === "infrastructure") this.extendHold(trialIndex, failure, gotFurther);
    this.undecided.add(trialIndex);
    this.change(trialIndex, { type: "failed", attempts: attempt, failure });
    return { ...event, failure };
  }

  private timeLimitFailure(trialIndex: number): Failure {
    const seconds = Math.round((this.nowMs - (this.runningSinceMs.get(trialIndex) ?? this.nowMs)) / 1000);
    return { kind: "timeLimit", reason: `the attempt reached its time limit and was ended after ${seconds} s` };
  }

  /** @returns whether the attempt got clearly further than those before it */
  private remember(trialIndex: number, { kind }: Failure): boolean {
    const trial = this.trials[trialIndex];
    const { step = 0, stepCount = 1 } = (trial?.type === "running" ? trial.progress : undefined) ?? {};
    const history = this.histories.get(trialIndex) ?? { failures: {}, furthestStep: 0 };
    const gotFurther = step - history.furthestStep >= countedProgress * stepCount;
    if (gotFurther) {
      delete history.failures.killed;
      delete history.failures.infrastructure;
    }
    history.furthestStep = Math.max(history.furthestStep, step);
    history.failures[kind] = (history.failures[kind] ?? 0) + 1;
    this.histories.set(trialIndex, history);
    return gotFurther;
  }

  /** Attempts that began before the last failure belong to the same try. */
  private extendHold(trialIndex: number, failure: Failure, gotFurther: boolean): void {
    const beganMs = this.runningSinceMs.get(trialIndex) ?? this.nowMs;
    if (beganMs <= this.hold.sinceMs) return;
    this.hold = { tries: gotFurther ? 1 : this.hold.tries + 1, isShut: true, sinceMs: this.nowMs, failure };
  }

  private forgetHold(): void {
    if (this.hold.tries > 0) this.hold = { ...noHold, sinceMs: this.hold.sinceMs };
  }

  private change(trialIndex: number, state: TrialState): void {
    const before = this.trials[trialIndex];
    if (before === undefined) throw new RangeError(`the run has no trial number ${trialIndex}`);
    this.counts[before.type]--;
    this.counts[state.type]++;
    this.trials[trialIndex] = state;
    if (before.type === "running") this.leaveSlot(trialIndex);
  }

  private leaveSlot(trialIndex: number): void {
    this.overdue.delete(trialIndex);
    this.suspended.delete(trialIndex);
    const beganMs = this.runningSinceMs.get(trialIndex);
    if (beganMs === undefined) return;
    this.runningSinceMs.delete(trialIndex);
    this.sumOfBeginsMs -= beganMs;
    this.endedMs += this.nowMs - beganMs;
  }
}
