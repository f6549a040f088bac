import type { MemoryReading } from "../../execute/device-memory.ts";

/** What is left for whatever else needs memory, and for what a trial takes beyond what its like has taken. */
const usableShare = 0.9;

/**
 * How many trials of a job run side by side on its device. The first one runs alone, and shows what a trial takes of each
 * memory; then as many run as there is room for. When one finds no memory left after all, half as many do.
 */
export class DeviceShare {
  /** Trials that may run side by side now. */
  slots = 1;
  private isMeasured = false;
  private readonly before = new Map<string, number>();
  private readonly peaks = new Map<string, MemoryReading>();

  /** @param limit most trials side by side: what is allowed, and the cores there are */
  constructor(private limit: number) {}

  /** Whether the first trial has yet to show what it takes. */
  get isMeasuring(): boolean {
    return !this.isMeasured && this.limit > 1;
  }

  /** Takes a look at a memory; the first one is before anything runs. */
  observe(reading: MemoryReading): void {
    const { name, usedBytes } = reading;
    if (!this.before.has(name)) this.before.set(name, usedBytes);
    if (usedBytes >= (this.peaks.get(name)?.usedBytes ?? 0)) this.peaks.set(name, reading);
  }

  /** The first trial has shown what it takes. @returns how many run from now on and why, for people */
  settle(): string {
    this.isMeasured = true;
    const fitting = [...this.peaks.values()].map((reading) => this.fit(reading));
    const least = fitting.reduce((a, b) => (b.count < a.count ? b : a), {
      count: this.limit,
      reason: "no more are allowed",
    });
    this.slots = Math.max(1, Math.min(this.limit, least.count));
    return `${this.slots} trials side by side from now on: ${least.reason}`;
  }

  /** Nothing can be measured: one trial at a time. */
  giveUp(): void {
    this.isMeasured = true;
    this.limit = 1;
    this.slots = 1;
  }

  /** A trial found no memory left beside others: never again so many. */
  halve(): void {
    this.isMeasured = true;
    this.slots = Math.max(1, Math.floor(this.slots / 2));
    this.limit = this.slots;
  }

  private fit({ name, usedBytes, totalBytes }: MemoryReading): { readonly count: number; readonly reason: string } {
    const before = this.before.get(name) ?? 0;
    const each = Math.max(1, usedBytes - before);
    const count = Math.floor((usableShare * totalBytes - before) / each);
    return { count, reason: `a trial took ${mebibytes(each)} of ${mebibytes(totalBytes)} ${name}` };
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
