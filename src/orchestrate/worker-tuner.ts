import type { TrialEvent } from "../execute/executor.ts";

/** What a run has found out about workers side by side. */
export interface TuningResult {
  /** So many are worth it. */
  readonly workers: number;
  /** The most that were tried. */
  readonly tried: number;
  /** How many times as much they get done as one alone. */
  readonly gain: number;
}

/** A doubling that gains less is not worth the memory. */
const worthwhileGain = 1.05;
/** Rates that a trial must have shown in a stage. */
const samplesPerTrial = 4;
/** So long a stage may take to show them; after it the run goes on without measuring. */
const maxStageMs = 15_000;

/**
 * Finds out, on the trials of a run, how many side by side get most done: begins with one, doubles while that gains, and
 * stays where it gained last. Compared is each trial with itself: how many steps a second it makes in company and with
 * half of it. Trials that show no rate (very short epochs, very long steps) end the measuring: all workers are used.
 */
export class WorkerTuner {
  /** Trials that may run side by side now. */
  slots = 1;
  /** Set when it has been found out. */
  result: TuningResult | undefined;
  private isDone = false;
  private stageStartMs: number | undefined;
  private gain = 1;
  private slotsBefore = 1;
  private ratesBefore: ReadonlyMap<number, number> = new Map();
  private readonly rates = new Map<number, TrialRate>();

  /**
   * @param most workers at most
   * @param nowMs a clock that never goes back
   */
  constructor(
    private readonly most: number,
    private readonly nowMs: () => number,
  ) {
    if (most === 1) this.isDone = true;
  }

  /** Takes note of what happened; `slots` may be another afterwards. */
  onEvent(event: TrialEvent): void {
    if (this.isDone) return;
    const now = this.nowMs();
    if (event.type === "progress") {
      this.stageStartMs ??= now;
      const rate = this.rates.get(event.trialIndex) ?? new TrialRate();
      this.rates.set(event.trialIndex, rate.note(event.progress, now));
    }
    if (this.stageStartMs === undefined) return;
    const settled = [...this.rates].filter(([, rate]) => rate.count >= samplesPerTrial);
    if (settled.length >= this.slots) this.endStage(new Map(settled.map(([trial, rate]) => [trial, rate.median()])));
    else if (now - this.stageStartMs > maxStageMs) this.giveUp();
  }

  /** Measures no longer, because people ask for another number or for a pause; what was found out before stays. */
  abandon(): void {
    if (!this.isDone) this.giveUp();
  }

  private endStage(rates: ReadonlyMap<number, number>): void {
    const common = [...rates].flatMap(([trial, rate]) => {
      const before = this.ratesBefore.get(trial);
      return before === undefined ? [] : [rate / before];
    });
    // At first there is nothing to compare with; nor where a trial ended between two stages.
    const stageGain = common.length === 0 ? undefined : (this.slots / this.slotsBefore) * median(common);
    if (stageGain === undefined && this.slots > 1) return this.giveUp();
    if (stageGain !== undefined && stageGain < worthwhileGain) return this.finish(this.slotsBefore);
    this.gain *= stageGain ?? 1;
    if (this.slots === this.most) return this.finish(this.slots);
    this.slotsBefore = this.slots;
    this.ratesBefore = rates;
    this.slots = Math.min(2 * this.slots, this.most);
    this.rates.clear();
    this.stageStartMs = undefined;
  }

  private finish(workers: number): void {
    this.result = { workers, tried: this.slots, gain: this.gain };
    this.slots = workers;
    this.isDone = true;
  }

  private giveUp(): void {
    this.slots = this.most;
    this.isDone = true;
  }
}

/** Steps a second of one trial, from one message to the next of the same epoch: evaluations lie between epochs. */
class TrialRate {
  private readonly samples: number[] = [];
  private last: { readonly epoch: number; readonly step: number; readonly ms: number } | undefined;

  get count(): number {
    return this.samples.length;
  }

  note(
    { epoch, step, isEpochEnd }: { readonly epoch: number; readonly step: number; readonly isEpochEnd?: true },
    ms: number,
  ): this {
    const { last } = this;
    if (last !== undefined && last.epoch === epoch && step > last.step && ms > last.ms && isEpochEnd !== true)
      this.samples.push((step - last.step) / (ms - last.ms));
    this.last = { epoch, step, ms };
    return this;
  }

  median(): number {
    return median(this.samples);
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
