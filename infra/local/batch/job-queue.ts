import { needsOf, type BatchJob } from "./batch-job.ts";
import type { Fleet, Instance } from "./fleet.ts";

/** A job queue. */
export interface QueueSettings {
  readonly name: string;
  /** Names of its compute environments, the first choice first. */
  readonly computeEnvironments: readonly string[];
  /** What waits in RUNNABLE for a reason for so long is ended. */
  readonly stateTimeLimits?: readonly { readonly reason: string; readonly maxMs: number }[];
}

/** Who is told what the queue decides. */
export interface QueueListener {
  start(job: BatchJob, instance: Instance): void;
  end(job: BatchJob, reason: string): void;
}

/** Jobs that wait for an instance: first come, first served. */
export class JobQueue {
  private waiting: BatchJob[] = [];
  private head = 0;

  constructor(
    readonly settings: QueueSettings,
    private readonly fleet: Fleet,
    private readonly listener: QueueListener,
  ) {}

  add(job: BatchJob): void {
    job.runnableSince = performance.now();
    this.waiting.push(job);
  }

  /** Starts what has room. */
  schedule(): void {
    for (let job = this.next(); job !== undefined; job = this.next()) {
      const placed = this.fleet.place(needsOf(job.source), this.settings.computeEnvironments);
      if (typeof placed === "string") return this.hold(job, placed);
      this.head++;
      job.statusReason = undefined;
      this.listener.start(job, placed);
    }
  }

  private next(): BatchJob | undefined {
    while (this.waiting[this.head]?.status === "FAILED") this.head++;
    if (this.head > 1024 && this.head * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return this.waiting[this.head];
  }

  /** The first job blocks those behind it; why is told in its state. */
  private hold(job: BatchJob, reason: string): void {
    if (reason === "") return;
    job.statusReason = reason;
    const limit = (this.settings.stateTimeLimits ?? []).find((each) => reason.startsWith(each.reason));
    if (limit === undefined) return;
    const leftMs = job.runnableSince + limit.maxMs - performance.now();
    setTimeout(() => {
      if (job.status !== "RUNNABLE" || job.statusReason !== reason) return;
      this.listener.end(job, `Canceled by JobStateTimeLimit action due to reason: ${reason}`);
      this.schedule();
    }, leftMs).unref();
  }
}
