/** A trial that may not start before a time. */
interface Delayed {
  readonly trialIndex: number;
  readonly dueMs: number;
}

/** Trials that wait for a slot: first come, first served; some not before a time. Adding and taking cost O(log n). */
export class WaitingTrials {
  private readonly ready: number[] = [];
  private head = 0;
  /** Binary heap, the earliest first. */
  private readonly delayed: Delayed[] = [];

  /** Adds a trial behind all others. */
  add(trialIndex: number): void {
    this.ready.push(trialIndex);
  }

  /** Adds a trial that stands behind all others from a time on. */
  addDelayed(trialIndex: number, dueMs: number): void {
    const heap = this.delayed;
    let at = heap.push({ trialIndex, dueMs }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  /** When the next delayed trial falls due, or undefined. */
  get nextDueMs(): number | undefined {
    return this.delayed[0]?.dueMs;
  }

  /** Lets the delayed trials that are due stand with the others. */
  advance(nowMs: number): void {
    for (let first = this.delayed[0]; first !== undefined && first.dueMs <= nowMs; first = this.delayed[0]) {
      this.ready.push(first.trialIndex);
      this.removeFirstDelayed();
    }
  }

  /** The next trials in order, at most `count`, that still wait. */
  peek(count: number, isWaiting: (trialIndex: number) => boolean): number[] {
    const found: number[] = [];
    for (let at = this.head; at < this.ready.length && found.length < count; at++) {
      const trialIndex = this.ready[at];
      if (trialIndex !== undefined && isWaiting(trialIndex)) found.push(trialIndex);
    }
    return found;
  }

  /** Removes a trial that `peek` gave, and those before it that no longer wait. */
  take(trialIndex: number, isWaiting: (trialIndex: number) => boolean): void {
    for (let next = this.ready[this.head]; next !== undefined; next = this.ready[this.head]) {
      this.head++;
      if (next === trialIndex) return;
      if (isWaiting(next)) break;
    }
    throw new Error(`trial ${trialIndex} is not the next one waiting`);
  }

  private removeFirstDelayed(): void {
    const heap = this.delayed;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[child], heap[at])) return;
      swap(heap, at, child);
      at = child;
    }
  }
}

function isBefore(first: Delayed | undefined, second: Delayed | undefined): boolean {
  if (first === undefined || second === undefined) return false;
  return first.dueMs < second.dueMs || (first.dueMs === second.dueMs && first.trialIndex < second.trialIndex);
}

function swap(heap: Delayed[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
}
