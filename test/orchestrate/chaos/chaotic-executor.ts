import { EventQueue } from "../../../src/execute/event-queue.ts";
import type { Attempt, Executor, TrialEvent } from "../../../src/execute/executor.ts";
import type { Chance } from "../../../src/orchestrate/simulate/chance.ts";
import type { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";
import type { AttemptOutcome } from "../../../trainer/train-trial.ts";
import { newLife, pass, type Life } from "./process-life.ts";

/** How bad things are. */
export interface Troubles {
  /** Probability that a worker is lost in an attempt: killed, or believed dead while it only stalls. */
  readonly loss: number;
  /** Probability that a message is delivered twice. */
  readonly duplicate: number;
  /** Mean delay of a message; messages overtake each other. */
  readonly delayMs: number;
  readonly storeErrors: number;
  /** Probability that a worker stalls at a call of the store, without anybody knowing. */
  readonly storeStalls: number;
  /** As `storeStalls`, for an orchestrator, which calls the store more often the more trials there are. */
  readonly orchestratorStalls: number;
}

/** Work of one attempt in a process. */
export type Work = (attempt: Attempt, life: Life) => Promise<AttemptOutcome>;

/** What an executor knows of the fate of its workers. */
export interface WorkerCounts {
  attempts: number;
  kills: number;
  stalls: number;
  superseded: number;
}

const epochMs = 10_000;
/** Claims expire after 90 s. */
export const meanStallMs = 100_000;

/** An executor whose messages are delayed, doubled and reordered, and whose workers die, or stall and come back late. */
export class ChaoticExecutor implements Executor {
  private readonly queue = new EventQueue();
  private readonly waiting: Attempt[] = [];
  private busy = 0;
  private isClosed = false;

  constructor(
    readonly slots: number,
    private readonly parts: {
      readonly time: VirtualTime;
      readonly chance: Chance;
      readonly troubles: Troubles;
      readonly work: Work;
      readonly counts: WorkerCounts;
    },
  ) {}

  dispatch(attempts: readonly Attempt[]): void {
    for (const attempt of attempts) {
      this.deliver(() => {
        this.waiting.push(attempt);
        this.fill();
      });
    }
  }

  events(): AsyncIterable<TrialEvent> {
    return this.queue.iterate();
  }

  interrupt(): void {}

  stop(): void {}

  kill(): void {}

  /** Workers are left to themselves: what they still do must not do any harm. */
  close(): Promise<void> {
    this.isClosed = true;
    this.queue.end();
    return Promise.resolve();
  }

  private deliver(action: () => void): void {
    const { time, chance, troubles } = this.parts;
    const copies = chance.happens(troubles.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) time.after(chance.waitFor(troubles.delayMs), action);
  }

  private tell(event: TrialEvent): void {
    this.deliver(() => this.queue.push(event));
  }

  private fill(): void {
    while (!this.isClosed && this.busy < this.slots) {
      const attempt = this.waiting.shift();
      if (attempt === undefined) return;
      this.busy++;
      void this.run(attempt);
    }
  }

  private async run(attempt: Attempt): Promise<void> {
    const { time, chance, troubles, work, counts } = this.parts;
    const life = newLife();
    counts.attempts++;
    this.tell({ ...attempt, type: "started", worker: "worker" });
    let isTold = false;
    const end = (event: TrialEvent): void => {
      if (isTold) return;
      isTold = true;
      this.tell(event);
      this.busy--;
      this.fill();
    };
    if (chance.happens(troubles.loss)) {
      time.after(chance.uniform() * 4 * epochMs, () => {
        if (chance.happens(0.5)) {
          counts.kills++;
          life.isOver = true;
        } else {
          counts.stalls++;
          life.stalledUntilMs = time.nowMs() + chance.waitFor(meanStallMs);
        }
        end({ ...attempt, type: "failed", failure: { kind: "killed", reason: "the worker is lost" } });
      });
    }
    try {
      const outcome = await work(attempt, life);
      if (outcome.type === "superseded") counts.superseded++;
      end({ ...attempt, ...outcome });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const kind = error instanceof Error && error.name === "StoreError" ? "infrastructure" : "bug";
      end({ ...attempt, type: "failed", failure: { kind, reason } });
    }
  }
}

/** Lets the time of an epoch pass for a process. */
export function passEpoch(time: VirtualTime, chance: Chance, life: Life): Promise<void> {
  return pass(time, life, epochMs * (0.5 + chance.uniform()));
}
