import type { RunClock } from "../run-clock.ts";

interface Moment {
  readonly atMs: number;
  /** Breaks ties: what was planned first happens first. */
  readonly number: number;
  action: (() => void) | undefined;
}

/**
 * The clock of a simulation: time stands still while anything can happen at once, then it jumps to the next moment that
 * somebody waits for. Equal programs see equal times in an equal order, however fast the machine is.
 */
export class VirtualTime implements RunClock {
  private time = 0;
  private count = 0;
  /** Binary heap, the next moment first. */
  private readonly moments: Moment[] = [];

  nowMs(): number {
    return this.time;
  }

  after(delayMs: number, action: () => void): () => void {
    const moment: Moment = { atMs: this.time + Math.max(0, delayMs), number: this.count++, action };
    this.push(moment);
    return () => {
      moment.action = undefined;
    };
  }

  /** A promise that resolves after a time. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /**
   * Lets time pass until a task has ended.
   * @throws Error if the task waits for something that will never happen
   */
  async run<Outcome>(task: Promise<Outcome>): Promise<Outcome> {
    let hasEnded = false;
    const note = (): void => {
      hasEnded = true;
    };
    task.then(note, note);
    for (;;) {
      // All promises that can settle have settled before the next turn of the event loop.
      await new Promise(setImmediate);
      if (hasEnded) return task;
      if (!this.step()) throw new Error(`nothing will happen after ${this.time} ms, and the task has not ended`);
    }
  }

  /** Goes to the next moment. @returns false if there is none */
  private step(): boolean {
    for (let moment = this.pop(); moment !== undefined; moment = this.pop()) {
      if (moment.action === undefined) continue;
      this.time = moment.atMs;
      moment.action();
      return true;
    }
    return false;
  }

  private push(moment: Moment): void {
    const heap = this.moments;
    let at = heap.push(moment) - 1;
    for (let parent = (at - 1) >> 1; at > 0; at = parent, parent = (at - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || !isBefore(moment, above)) break;
      heap[at] = above;
      heap[parent] = moment;
    }
  }

  private pop(): Moment | undefined {
    const heap = this.moments;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Moment, other: Moment): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}
