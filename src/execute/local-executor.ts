import { availableParallelism } from "node:os";
import { exitCodes } from "../contract/exit-codes.ts";
import { endOfAttemptMarker, type Failure } from "../contract/worker-messages.ts";
import type { Attempt } from "./executor.ts";
import { LastLines } from "./last-lines.ts";
import { type AttemptEnd, type AttemptReporter, type Slot, SlotPool } from "./slot-pool.ts";
import { classifyExit } from "./worker-exit.ts";
import { WorkerProcess, type WorkerStart } from "./worker-process.ts";
import { defaultRecyclingRules, type RecyclingRules, WorkerAge } from "./worker-recycling.ts";

/** How trials run on this machine. */
export interface LocalExecutorOptions extends WorkerStart {
  /** Trials side by side; default: one per core. */
  readonly workers?: number;
  /** How long an attempt that is interrupted may take to checkpoint; default: 30 s. */
  readonly graceMs?: number;
  /** When a worker is replaced although it has not died. */
  readonly recycling?: RecyclingRules;
}

/** So many workers in a row that could not start are enough: the next would not do better. */
const maxStartFailures = 3;
/** How long the end of an attempt's output may come after the message that it has ended. */
const markerTimeoutMs = 10_000;

/**
 * Runs trials in trainer processes of this machine, started when they are needed; each takes one trial after another
 * and is replaced if it dies.
 */
export class LocalExecutor extends SlotPool {
  constructor({
    workers = availableParallelism(),
    graceMs = 30_000,
    recycling = defaultRecyclingRules,
    onNotice,
    ...process
  }: LocalExecutorOptions) {
    const start = { ...process, ...(onNotice && { onNotice: onceEach(onNotice) }) };
    const shared = { start, graceMs, recycling, startFailures: new StartFailures() };
    super(Array.from({ length: workers }, (_, index) => new WorkerSlot(`worker ${index + 1}`, shared)));
  }
}

/** Says each text once, however many workers have it to say. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
}

/** Workers in a row that ended before they were ready, over all slots. */
class StartFailures {
  private count = 0;
  private last: Failure | undefined;

  add(failure: Failure): void {
    this.count++;
    this.last = failure;
  }

  forget(): void {
    this.count = 0;
  }

  /** Why no other worker is started, or undefined. */
  refusal(): Failure | undefined {
    if (this.last === undefined || this.count < maxStartFailures) return undefined;
    return {
      ...this.last,
      reason: `no worker is started any more after ${this.count} that failed; ${this.last.reason}`,
    };
  }
}

/** What all slots work with. */
interface SharedParts {
  readonly start: WorkerStart;
  readonly graceMs: number;
  readonly recycling: RecyclingRules;
  readonly startFailures: StartFailures;
}

class WorkerSlot implements Slot {
  private worker: WorkerProcess | undefined;
  /** The worker that was told to leave when its attempt has ended. */
  private leaving: WorkerProcess | undefined;
  private age: WorkerAge;
  private isStopping = false;
  private isKilled = false;

  constructor(
    readonly name: string,
    private readonly shared: SharedParts,
  ) {
    this.age = new WorkerAge(shared.recycling);
  }

  async run(attempt: Attempt, reporter: AttemptReporter): Promise<AttemptEnd> {
    const refusal = this.shared.startFailures.refusal();
    if (refusal !== undefined) return { type: "failed", failure: refusal };
    const worker = this.takeWorker();
    const lastLines = new LastLines();
    const outputEnd = captureOutput(worker, attempt, reporter, lastLines);

    if (!(await worker.ready)) return this.failStart(worker, lastLines);
    this.shared.startFailures.forget();
    if (this.isStopping || worker === this.leaving) return { type: "checkpointed" };
    const announced = listen(worker, attempt, reporter);
    worker.send({ type: "run", trialIndex: attempt.trialIndex, attempt: attempt.attempt });

    const end = await Promise.race([announced, worker.ended.then(() => undefined)]);
    if (end === undefined) {
      const exit = await worker.ended;
      // It was told to leave before it had begun.
      if (worker === this.leaving && exit.code === exitCodes.done) return { type: "checkpointed" };
      return this.isKilled ? endedOnRequest : classifyExit(exit, lastLines.toString());
    }
    await allOutput(worker, outputEnd);
    await this.retire(worker, end);
    return end;
  }

  interrupt(): void {
    const { worker } = this;
    if (worker === undefined || worker === this.leaving) return;
    this.leaving = worker;
    worker.send({ type: "stop" });
    const timer = setTimeout(() => worker.kill(), this.shared.graceMs);
    void worker.ended.then(() => clearTimeout(timer));
  }

  stop(): void {
    this.isStopping = true;
    this.worker?.send({ type: "stop" });
  }

  kill(): void {
    this.isStopping = true;
    this.isKilled = true;
    this.worker?.kill();
  }

  async close(): Promise<void> {
    await this.worker?.leave();
  }

  private takeWorker(): WorkerProcess {
    if (this.worker?.isAlive === true && this.worker !== this.leaving) return this.worker;
    this.worker?.kill();
    this.worker = new WorkerProcess(this.shared.start);
    this.age = new WorkerAge(this.shared.recycling);
    return this.worker;
  }

  /** Lets a worker leave that has grown too much; an engine whose memory has once ended never gives it back. */
  private async retire(worker: WorkerProcess, end: AttemptEnd): Promise<void> {
    const isFull = end.type === "failed" && end.failure.kind === "memory";
    const isOld = this.age.endTrial(worker.memory?.rssBytes);
    if (isFull || isOld) await worker.leave();
  }

  private async failStart(worker: WorkerProcess, lastLines: LastLines): Promise<AttemptEnd> {
    const end = classifyExit(await worker.ended, lastLines.toString());
    if (this.isKilled) return endedOnRequest;
    if (end.type !== "failed") return end;
    const failure = { ...end.failure, reason: `a worker could not start: ${end.failure.reason}` };
    this.shared.startFailures.add(failure);
    return { type: "failed", failure };
  }
}

const endedOnRequest: AttemptEnd = {
  type: "failed",
  failure: { kind: "killed", reason: "the attempt was ended on request" },
};

/** Passes the worker's output on as the attempt's. @returns a promise of the end of the attempt's output */
async function captureOutput(
  worker: WorkerProcess,
  attempt: Attempt,
  reporter: AttemptReporter,
  lastLines: LastLines,
): Promise<void> {
  const marker = endOfAttemptMarker(attempt.trialIndex, attempt.attempt);
  await Promise.all([
    worker.stdout.capture(marker, (text) => reporter.log(text)),
    worker.stderr.capture(marker, (text) => {
      lastLines.append(text);
      reporter.log(text);
    }),
  ]);
}

/** Passes the attempt's progress on. @returns a promise of how the trainer says that the attempt ended */
function listen(worker: WorkerProcess, attempt: Attempt, reporter: AttemptReporter): Promise<AttemptEnd> {
  return new Promise((resolve) => {
    worker.onMessage = (message) => {
      if ("trialIndex" in message && message.trialIndex === attempt.trialIndex) {
        if (message.type === "progress") return reporter.progress(message.progress);
        if (message.attempt === attempt.attempt) return resolve(message);
      }
      worker.kill(`it sent a message that does not belong to what it was asked for: ${JSON.stringify(message)}`);
    };
  });
}

/** Waits until all that the attempt wrote has been passed on; a trainer that never marks the end is replaced. */
async function allOutput(worker: WorkerProcess, outputEnd: Promise<void>): Promise<void> {
  const timer = setTimeout(() => worker.kill("it did not mark the end of an attempt's output"), markerTimeoutMs);
  await Promise.race([outputEnd, worker.ended]);
  clearTimeout(timer);
}
