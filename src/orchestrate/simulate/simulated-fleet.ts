import { EventQueue } from "../../execute/event-queue.ts";
import type { Attempt, Executor, TrialEvent } from "../../execute/executor.ts";
import { Chance } from "./chance.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A trial as a simulation sees it. */
export interface SimulatedTrial {
  /** Training time without interruptions. */
  readonly seconds: number;
  /** Training time between two checkpoints; Infinity = none is written. */
  readonly checkpointSeconds: number;
  /** Whether its loss diverges, halfway. */
  readonly diverges: boolean;
}

/** Machines that trials run on, and what happens to them. */
export interface FleetOptions {
  readonly instances: number;
  readonly trialsPerInstance: number;
  /** Median time until an instance that is wanted takes its first trial; single ones are drawn around it. */
  readonly startSeconds: number;
  /** How often an instance is taken away, on average. */
  readonly reclaimsPerHour: number;
  /** Probability that an attempt crashes somewhere on its way. */
  readonly failureRate: number;
  /** Probability that an attempt ends because its store can't be used. */
  readonly storeErrorRate: number;
}

/** What a fleet has done so far. */
export interface FleetFigures {
  reclaims: number;
  /** Training time that was lost, because it was behind the last checkpoint. */
  lostMs: number;
  /** Training time of all attempts, the lost one included. */
  trainedMs: number;
}

interface Instance {
  readonly number: number;
  state: "off" | "starting" | "on";
  paidSinceMs: number;
  readonly running: Set<Running>;
  cancelReclaim: () => void;
}

interface Running {
  readonly attempt: Attempt;
  readonly instance: Instance;
  readonly beganMs: number;
  cancel: () => void;
}

/** The spread of start-up times around their median: nine in ten lie within a factor of 2.3. */
const startSpread = 0.5;
/** An instance with nothing to do is given back after this time. */
const idleMs = 60_000;
const msPerHour = 3_600_000;

/**
 * An executor of instances that are started when attempts wait, are taken away at random, and are given back when
 * nothing is left; everything in virtual time. Attempts go on from their trial's last checkpoint.
 */
export class SimulatedFleet implements Executor {
  readonly slots: number;
  readonly figures: FleetFigures = { reclaims: 0, lostMs: 0, trainedMs: 0 };
  private readonly queue = new EventQueue();
  private readonly fleet: readonly Instance[];
  private readonly waiting: Attempt[] = [];
  private head = 0;
  private readonly running = new Map<number, Running>();
  /** Training time that a trial's last checkpoint holds. */
  private readonly savedMs = new Map<number, number>();
  private readonly chance: Chance;
  private endedPaidMs = 0;
  private isClosed = false;

  constructor(
    private readonly time: VirtualTime,
    private readonly trialOf: (trialIndex: number) => SimulatedTrial,
    private readonly options: FleetOptions,
    seed: number,
  ) {
    this.slots = options.instances * options.trialsPerInstance;
    this.chance = new Chance(seed, 1);
    this.fleet = Array.from({ length: options.instances }, (_, number) => ({
      number,
      state: "off" as const,
      paidSinceMs: 0,
      running: new Set<Running>(),
      cancelReclaim: () => undefined,
    }));
  }

  /** Time of all instances together, from the moment they are asked for. */
  paidMs(): number {
    const now = this.time.nowMs();
    return this.fleet.reduce(
      (sum, { state, paidSinceMs }) => sum + (state === "off" ? 0 : now - paidSinceMs),
      this.endedPaidMs,
    );
  }

  dispatch(attempts: readonly Attempt[]): void {
    for (const attempt of attempts) this.waiting.push(attempt);
    this.fill();
  }

  events(): AsyncIterable<TrialEvent> {
    return this.queue.iterate();
  }

  interrupt({ trialIndex }: Attempt): void {
    const running = this.running.get(trialIndex);
    if (running !== undefined) this.leave(running, { type: "checkpointed" });
  }

  stop(): void {
    for (const attempt of this.waiting.slice(this.head)) this.queue.push({ ...attempt, type: "checkpointed" });
    this.head = this.waiting.length;
    for (const running of this.running.values()) this.leave(running, { type: "checkpointed" });
  }

  kill(): void {
    this.stop();
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.stop();
    for (const instance of this.fleet) this.switchOff(instance);
    this.queue.end();
    return Promise.resolve();
  }

  /** Gives waiting attempts to free places, and starts as many instances as the others need. */
  private fill(): void {
    for (const instance of this.fleet) {
      if (this.head === this.waiting.length) return;
      if (instance.state === "on") this.fillInstance(instance);
    }
    const starting = this.fleet.filter(({ state }) => state === "starting").length;
    let wanted = Math.ceil((this.waiting.length - this.head) / this.options.trialsPerInstance) - starting;
    for (const instance of this.fleet) if (instance.state === "off" && wanted-- > 0) this.switchOn(instance);
  }

  private fillInstance(instance: Instance): void {
    while (instance.running.size < this.options.trialsPerInstance) {
      const attempt = this.waiting[this.head];
      if (attempt === undefined) return;
      this.head++;
      this.begin(attempt, instance);
    }
  }

  private switchOn(instance: Instance): void {
    const { startSeconds, reclaimsPerHour } = this.options;
    instance.state = "starting";
    instance.paidSinceMs = this.time.nowMs();
    const startMs = 1000 * startSeconds * Math.exp(startSpread * this.chance.normal());
    this.time.after(startMs, () => {
      if (instance.state !== "starting") return;
      instance.state = "on";
      if (reclaimsPerHour > 0)
        instance.cancelReclaim = this.time.after(this.chance.waitFor(msPerHour / reclaimsPerHour), () =>
          this.reclaim(instance),
        );
      this.fillInstance(instance);
      this.giveBackLater(instance);
    });
  }

  private switchOff(instance: Instance): void {
    if (instance.state === "off") return;
    instance.cancelReclaim();
    instance.state = "off";
    this.endedPaidMs += this.time.nowMs() - instance.paidSinceMs;
  }

  private giveBackLater(instance: Instance): void {
    if (instance.running.size > 0 || this.isClosed) return;
    const { paidSinceMs } = instance;
    this.time.after(idleMs, () => {
      const isSame = instance.state === "on" && instance.paidSinceMs === paidSinceMs;
      if (isSame && instance.running.size === 0) this.switchOff(instance);
    });
  }

  private reclaim(instance: Instance): void {
    this.figures.reclaims++;
    // First, so that nothing new begins on it.
    this.switchOff(instance);
    for (const running of instance.running)
      this.leave(running, { type: "failed", failure: { kind: "killed", reason: "the instance was taken away" } });
    this.fill();
  }

  private begin(attempt: Attempt, instance: Instance): void {
    const { trialIndex } = attempt;
    const { seconds, diverges } = this.trialOf(trialIndex);
    const leftMs = Math.max(0, 1000 * seconds - this.savedOf(trialIndex));
    const running: Running = { attempt, instance, beganMs: this.time.nowMs(), cancel: () => undefined };
    instance.running.add(running);
    this.running.set(trialIndex, running);
    this.queue.push({ ...attempt, type: "started", worker: `instance ${instance.number + 1}` });
    const end = this.drawEnd(diverges);
    running.cancel = this.time.after(leftMs * end.part, () => this.leave(running, end.event));
  }

  /** How an attempt ends if nothing comes between, and after which part of what is left. */
  private drawEnd(diverges: boolean): { readonly part: number; readonly event: EndOfAttempt } {
    const { failureRate, storeErrorRate } = this.options;
    const part = this.chance.uniform();
    if (this.chance.happens(storeErrorRate))
      return {
        part,
        event: { type: "failed", failure: { kind: "infrastructure", reason: "the store can't be used" } },
      };
    if (this.chance.happens(failureRate))
      return { part, event: { type: "failed", failure: { kind: "bug", reason: "the trainer crashed" } } };
    if (diverges)
      return { part: 0.5, event: { type: "failed", failure: { kind: "diverged", reason: "the loss became NaN" } } };
    return { part: 1, event: { type: "finished" } };
  }

  private leave(running: Running, event: EndOfAttempt): void {
    const { attempt, instance } = running;
    const { trialIndex } = attempt;
    running.cancel();
    instance.running.delete(running);
    this.running.delete(trialIndex);
    this.account(running, event);
    this.queue.push({ ...attempt, ...event });
    if (instance.state === "on") {
      this.fillInstance(instance);
      this.giveBackLater(instance);
    }
  }

  private account({ attempt, beganMs }: Running, event: EndOfAttempt): void {
    const { trialIndex } = attempt;
    const { seconds, checkpointSeconds } = this.trialOf(trialIndex);
    const trainedMs = this.time.nowMs() - beganMs;
    this.figures.trainedMs += trainedMs;
    if (event.type === "finished") return void this.savedMs.delete(trialIndex);
    const doneMs = this.savedOf(trialIndex) + trainedMs;
    const savedMs = this.savedOf(trialIndex);
    const keptMs = event.type === "checkpointed" ? doneMs : lastCheckpointMs(doneMs, checkpointSeconds);
    // Without its store an attempt writes no checkpoints either.
    const isStored = event.type === "checkpointed" || event.failure.kind !== "infrastructure";
    this.savedMs.set(trialIndex, isStored ? keptMs : savedMs);
    this.figures.lostMs += doneMs - this.savedOf(trialIndex);
    const stepCount = 1000;
    const step = Math.floor((stepCount * doneMs) / Math.max(1, 1000 * seconds));
    this.queue.push({ ...attempt, type: "progress", progress: { epoch: 1, epochCount: 1, step, stepCount } });
  }

  private savedOf(trialIndex: number): number {
    return this.savedMs.get(trialIndex) ?? 0;
  }
}

type EndOfAttempt =
  | { readonly type: "finished" }
  | { readonly type: "checkpointed" }
  | Pick<Extract<TrialEvent, { type: "failed" }>, "type" | "failure">;

function lastCheckpointMs(doneMs: number, checkpointSeconds: number): number {
  return Number.isFinite(checkpointSeconds)
    ? Math.floor(doneMs / (1000 * checkpointSeconds)) * 1000 * checkpointSeconds
    : 0;
}
