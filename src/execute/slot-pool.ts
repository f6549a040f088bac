import type { Failure, TrainedElsewhere, TrialProgress } from "../contract/worker-messages.ts";
import { EventQueue } from "./event-queue.ts";
import type { Attempt, Executor, TrialEvent } from "./executor.ts";

/** What an attempt ended in. */
export type AttemptEnd =
  | { readonly type: "finished" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "checkpointed" }
  | TrainedElsewhere;

/** Where a slot tells what its attempt does. */
export interface AttemptReporter {
  readonly progress: (progress: TrialProgress) => void;
  readonly log: (text: string) => void;
}

/** A place that runs one attempt after another. */
export interface Slot {
  readonly name: string;
  /** Runs an attempt to its end; not called again before that, nor after `stop`, `kill` or `close`. */
  run(attempt: Attempt, reporter: AttemptReporter): Promise<AttemptEnd>;
  /** Lets the attempt that runs finish its step and checkpoint, and ends it if it doesn't; others can run after it. */
  interrupt(): void;
  /** Lets the attempt that runs, if any, finish its step and checkpoint. */
  stop(): void;
  /** Ends the attempt that runs, if any, at once. */
  kill(): void;
  /** Frees the slot's resources; called when nothing runs in it. */
  close(): Promise<void>;
}

/** An executor over slots: keeps the queue of waiting attempts and gives each free slot the next one. */
export class SlotPool implements Executor {
  readonly slots: number;
  private readonly allSlots: readonly Slot[];
  private readonly idle: Slot[];
  private waiting: Attempt[] = [];
  private isStopped = false;
  private isClosed = false;
  private readonly queue = new EventQueue();
  private readonly running = new Set<Promise<void>>();
  private readonly slotOf = new Map<string, Slot>();

  constructor(slots: readonly Slot[]) {
    if (slots.length === 0) throw new RangeError("an executor needs at least one slot");
    this.slots = slots.length;
    this.allSlots = slots;
    this.idle = [...slots].reverse();
  }

  dispatch(attempts: readonly Attempt[]): void {
    if (this.isClosed) throw new Error("nothing can be dispatched to an executor that was closed");
    for (const attempt of attempts) this.waiting.push(attempt);
    if (this.isStopped) this.giveBackWaiting();
    else this.fillSlots();
  }

  events(): AsyncIterable<TrialEvent> {
    return this.queue.iterate();
  }

  interrupt(attempt: Attempt): void {
    const index = this.waiting.findIndex((waiting) => keyOf(waiting) === keyOf(attempt));
    const [given] = index === -1 ? [] : this.waiting.splice(index, 1);
    if (given !== undefined) this.queue.push({ ...given, type: "checkpointed" });
    this.slotOf.get(keyOf(attempt))?.interrupt();
  }

  stop(): void {
    this.isStopped = true;
    this.giveBackWaiting();
    for (const slot of this.allSlots) slot.stop();
  }

  kill(): void {
    this.isStopped = true;
    this.giveBackWaiting();
    for (const slot of this.allSlots) slot.kill();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.stop();
    await Promise.all(this.running);
    await Promise.all(this.allSlots.map((slot) => slot.close()));
    this.queue.end();
  }

  private fillSlots(): void {
    while (this.waiting.length > 0) {
      // The slot that was used last: its process is already there.
      const slot = this.idle.pop();
      if (slot === undefined) return;
      const attempt = this.waiting.shift();
      if (attempt !== undefined) this.start(slot, attempt);
    }
  }

  private start(slot: Slot, attempt: Attempt): void {
    const run = this.runIn(slot, attempt).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async runIn(slot: Slot, attempt: Attempt): Promise<void> {
    const id = { trialIndex: attempt.trialIndex, attempt: attempt.attempt };
    this.queue.push({ ...id, type: "started", worker: slot.name });
    this.slotOf.set(keyOf(id), slot);
    const end = await this.attemptIn(slot, id);
    this.slotOf.delete(keyOf(id));
    this.queue.push({ ...end, ...id });
    this.idle.push(slot);
    this.fillSlots();
  }

  private async attemptIn(slot: Slot, id: Attempt): Promise<AttemptEnd> {
    try {
      return await slot.run(id, {
        progress: (progress) => this.queue.push({ ...id, type: "progress", progress }),
        log: (text) => this.queue.push({ ...id, type: "log", text }),
      });
    } catch (error) {
      // E.g. the system has no memory left for another process.
      const reason = `${slot.name} could not run it: ${error instanceof Error ? error.message : String(error)}`;
      return { type: "failed", failure: { kind: "bug", reason } };
    }
  }

  private giveBackWaiting(): void {
    const given = this.waiting;
    this.waiting = [];
    for (const { trialIndex, attempt } of given) this.queue.push({ trialIndex, attempt, type: "checkpointed" });
  }
}

function keyOf({ trialIndex, attempt }: Attempt): string {
  return `${trialIndex}/${attempt}`;
}
