import { exitCodeOfFailure, exitCodes, type ExitCode } from "../../contract/exit-codes.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { Failure } from "../../contract/worker-messages.ts";
import type { MemoryProbe } from "../../execute/device-memory.ts";
import type { Attempt, Executor, TrialEvent } from "../../execute/executor.ts";
import type { Plan, TrialId } from "../../plan/plan.ts";
import { pollIntervalMs } from "../../record/poll-interval.ts";
import { RunningLogs } from "../../record/running-logs.ts";
import type { Store } from "../../record/store.ts";
import { TrialLogs } from "../../record/trial-logs.ts";
import { writeFailure } from "../../record/trial-writer.ts";
import { DeviceShare } from "./device-share.ts";

/** A job whose trials share its device. */
export interface SharedJob {
  readonly store: Store;
  readonly plan: Plan;
  readonly runId: string;
  /** Indexes into `plan.trials`, in the order in which they are run. */
  readonly trialIndexes: readonly number[];
  /** Of the job, from 1. */
  readonly attempt: number;
  /** Most trials side by side. */
  readonly limit: number;
  /** Starts trainers; each executor has the device for itself. */
  readonly createExecutor: (slots: number) => Executor;
  /** Memories that trials take of. */
  readonly probes: readonly MemoryProbe[];
  readonly probeEveryMs: number;
  /** How long trials that other processes train are waited for at the end. */
  readonly heldMs: number;
  /** Aborted = checkpoint and leave. */
  readonly stop: AbortSignal;
  /** Takes a line for people. */
  readonly print: (line: string) => void;
}

/**
 * Runs the trials of a job, as many side by side as its device has memory for, by what the first one was seen to take. One
 * that finds no memory left beside others is not failed: it is tried again with fewer beside it.
 * @returns the code to exit with: the worst of all trials', or 75 if some were not trained to their end here
 */
export async function runSideBySide(job: SharedJob): Promise<ExitCode> {
  const run = new SideBySideRun(job);
  return run.toEnd();
}

class SideBySideRun {
  private readonly share: DeviceShare;
  private readonly waiting: number[];
  private readonly running = new Set<number>();
  private readonly held = new Set<number>();
  private readonly logs: RunningLogs;
  private worst: ExitCode = exitCodes.done;
  /** Set when no more trials are begun here. */
  private isLeaving = false;
  /** Set when trials are to end before fewer begin. */
  private isDraining = false;
  private executor: Executor | undefined;

  constructor(private readonly job: SharedJob) {
    const { store, plan, runId, trialIndexes, limit } = job;
    this.waiting = [...trialIndexes];
    this.share = new DeviceShare(Math.min(limit, trialIndexes.length));
    this.logs = new RunningLogs(new TrialLogs(store, { experiment: plan.experiment, runId }), pollIntervalMs(store));
  }

  async toEnd(): Promise<ExitCode> {
    const { job } = this;
    const leave = (): void => this.leave();
    job.stop.addEventListener("abort", leave);
    if (job.stop.aborted) this.isLeaving = true;
    await this.measure();
    while (this.isLeft() && !this.isLeaving) await this.runUntilDrained();
    job.stop.removeEventListener("abort", leave);
    // What would fail again is said by its record; that trials are left is what matters to whoever starts jobs.
    return this.isLeft() ? exitCodes.checkpointed : this.worst;
  }

  private isLeft(): boolean {
    return this.waiting.length > 0 || this.held.size > 0;
  }

  /** Runs with one set of trainers: until nothing is left, or until fewer are to run. */
  private async runUntilDrained(): Promise<void> {
    const { share, job } = this;
    this.isDraining = false;
    // Nobody has looked after these since the last executor was closed.
    this.waiting.push(...this.held);
    this.held.clear();
    const executor = job.createExecutor(share.isMeasuring ? Math.min(job.limit, this.waiting.length) : share.slots);
    this.executor = executor;
    const probing = setInterval(() => void this.measure(), job.probeEveryMs);
    let giveUp: NodeJS.Timeout | undefined;
    let closing: Promise<void> | undefined;
    this.fill();
    for await (const event of executor.events()) {
      await this.take(event);
      this.fill();
      if (this.running.size > 0) continue;
      if (this.held.size > 0 && !this.isLeaving && !this.isDraining)
        giveUp ??= setTimeout(() => void executor.close(), job.heldMs);
      else closing ??= executor.close();
    }
    clearInterval(probing);
    clearTimeout(giveUp);
    await closing;
    this.executor = undefined;
    // Held to the end: another attempt of the job looks again.
    if (giveUp !== undefined && this.held.size > 0) this.isLeaving = true;
  }

  private fill(): void {
    while (!this.isLeaving && !this.isDraining && this.running.size < this.share.slots) {
      const trialIndex = this.waiting.shift();
      if (trialIndex === undefined) return;
      this.running.add(trialIndex);
      this.say(trialIndex, `trial ${trialIndex}, attempt ${this.job.attempt}`);
      this.executor?.dispatch([{ trialIndex, attempt: this.job.attempt }]);
    }
  }

  private async take(event: TrialEvent): Promise<void> {
    const { trialIndex } = event;
    switch (event.type) {
      case "started":
        return;
      case "log":
        return this.keep(trialIndex, event.text);
      case "progress":
        // Its memory is taken once it has trained and evaluated an epoch.
        if (event.progress.epoch > 1) await this.settle();
        return;
      case "released":
        this.held.delete(trialIndex);
        this.waiting.push(trialIndex);
        return;
      case "finished":
      case "failed":
      case "checkpointed":
      case "held":
      case "superseded":
        return this.end(event);
      default:
        throw new Error(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  private async end(
    event: Attempt & Pick<Exclude<TrialEvent, { type: "log" }>, "type"> & { failure?: Failure },
  ): Promise<void> {
    const { trialIndex, failure } = event;
    if (event.type === "finished") await this.settle();
    this.running.delete(trialIndex);
    if (failure !== undefined) await this.fail(trialIndex, failure);
    if (event.type === "held" || event.type === "superseded") {
      this.say(trialIndex, `trial ${trialIndex} is trained by another process`);
      this.held.add(trialIndex);
    }
    if (event.type === "checkpointed") {
      // Whatever has told this trainer to stop, such as the loss of the machine, is about the others as well.
      this.waiting.push(trialIndex);
      this.leave();
    }
    // The log is not worth a trial: whatever failed has said so.
    await this.logs.flush(this.idOf(trialIndex)).catch(() => undefined);
  }

  private async fail(trialIndex: number, failure: Failure): Promise<void> {
    const isCrowded = this.share.slots > 1 || this.isDraining;
    const text = `trial ${trialIndex} failed (${failure.kind}): ${failure.reason}`;
    if (isCrowded && (failure.kind === "memory" || failure.kind === "killed")) {
      if (!this.isDraining) this.share.halve();
      this.isDraining = true;
      this.waiting.unshift(trialIndex);
      return this.say(trialIndex, `${text}\nit is tried again with ${this.share.slots} side by side at most`);
    }
    this.say(trialIndex, text);
    const code = exitCodeOfFailure(failure);
    if (code > this.worst) this.worst = code;
    const { store, plan, runId, attempt } = this.job;
    const trialId = this.idOf(trialIndex);
    const key = objectKeys.trial(objectKeys.run(plan.experiment, runId), trialId);
    // Nobody else does: there is no orchestrator beside a job.
    await writeFailure(store, key, { schemaVersion: 1, trialId, attempt, ...failure });
  }

  private leave(): void {
    this.isLeaving = true;
    this.executor?.stop();
  }

  private async measure(): Promise<void> {
    if (!this.share.isMeasuring) return;
    for (const probe of this.job.probes) {
      const reading = await probe();
      if (!this.share.isMeasuring) return;
      if (!("problem" in reading)) this.share.observe(reading);
      else {
        this.share.giveUp();
        this.job.print(`one trial at a time: ${reading.problem}`);
      }
    }
  }

  private async settle(): Promise<void> {
    await this.measure();
    if (this.share.isMeasuring) this.job.print(this.share.settle());
  }

  private idOf(trialIndex: number): TrialId {
    const trial = this.job.plan.trials[trialIndex];
    if (trial === undefined) throw new RangeError(`the plan has no trial ${trialIndex}`);
    return trial.id;
  }

  private say(trialIndex: number, text: string): void {
    this.keep(trialIndex, `${text}\n`);
  }

  private keep(trialIndex: number, text: string): void {
    const id = this.idOf(trialIndex);
    this.logs.append(id, text);
    for (const line of text.split("\n")) if (line !== "") this.job.print(`${id.slice(0, 8)} | ${line}`);
  }
}
