import { EventQueue } from "../execute/event-queue.ts";
import type { Attempt, Executor, TrialEvent } from "../execute/executor.ts";
import type { ClaimWatch } from "../record/claim-watch.ts";
import { processClock, type RunClock } from "./run-clock.ts";

/** What it takes to wait for trials that other processes train. */
export interface SharingOptions {
  readonly watch: ClaimWatch;
  /** Key of a trial's claim. */
  readonly claimKey: (trialIndex: number) => string;
  /** The shortest time between two looks at the claims. */
  readonly lookEveryMs: number;
  /** Absent = that of this process. */
  readonly clock?: Pick<RunClock, "after">;
  /** Called when the store can't be asked; the next look asks again. */
  readonly onProblem?: (error: unknown) => void;
}

/** Each claim costs a request: of many, each is looked at less often. */
const msPerClaim = 50;

/**
 * An executor whose attempts may find that another process trains their trial: it watches those trials, takes away
 * what a dead process holds, and tells by `released` when a trial can be dispatched again.
 */
export class SharingExecutor implements Executor {
  readonly slots: number;
  private readonly queue = new EventQueue();
  /** The attempts that found their trial taken, by trial. */
  private readonly watched = new Map<number, Attempt>();
  private readonly forwarding: Promise<void>;
  private cancelLook: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly inner: Executor,
    private readonly options: SharingOptions,
  ) {
    this.slots = inner.slots;
    this.forwarding = this.forward();
  }

  dispatch(attempts: readonly Attempt[]): void {
    this.inner.dispatch(attempts);
  }

  events(): AsyncIterable<TrialEvent> {
    return this.queue.iterate();
  }

  interrupt(attempt: Attempt): void {
    this.inner.interrupt(attempt);
  }

  stop(): void {
    this.stopWatching();
    this.inner.stop();
  }

  kill(): void {
    this.stopWatching();
    this.inner.kill();
  }

  async close(): Promise<void> {
    this.stopWatching();
    await this.inner.close();
    await this.forwarding;
    this.queue.end();
  }

  private async forward(): Promise<void> {
    for await (const event of this.inner.events()) {
      this.queue.push(event);
      if (event.type === "held" || event.type === "superseded") this.watch(event);
    }
  }

  private watch({ trialIndex, attempt }: Attempt): void {
    // What is told late of an earlier attempt must not hide the one that waits.
    const newest = Math.max(attempt, this.watched.get(trialIndex)?.attempt ?? 0);
    this.watched.set(trialIndex, { trialIndex, attempt: newest });
    if (this.isStopped) this.release(trialIndex);
    else if (this.cancelLook === undefined) this.lookLater();
  }

  private lookLater(): void {
    const delayMs = Math.max(this.options.lookEveryMs, this.watched.size * msPerClaim);
    this.cancelLook = (this.options.clock ?? processClock).after(delayMs, () => void this.look());
  }

  private async look(): Promise<void> {
    for (const trialIndex of this.watched.keys()) {
      try {
        const { type } = await this.options.watch.look(this.options.claimKey(trialIndex));
        if (type === "free") this.release(trialIndex);
      } catch (error) {
        this.options.onProblem?.(error);
      }
    }
    this.cancelLook = undefined;
    if (!this.isStopped && this.watched.size > 0) this.lookLater();
  }

  private release(trialIndex: number): void {
    const attempt = this.watched.get(trialIndex);
    if (attempt === undefined) return;
    this.watched.delete(trialIndex);
    this.queue.push({ ...attempt, type: "released" });
  }

  /** Nobody waits for the trials any longer. */
  private stopWatching(): void {
    this.isStopped = true;
    this.cancelLook?.();
    for (const trialIndex of this.watched.keys()) this.release(trialIndex);
  }
}
