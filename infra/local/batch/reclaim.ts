import type { Instance } from "./fleet.ts";

/** When an attempt's instance is taken back. */
export interface Reclaim {
  /** From the attempt's start to the notice: a time, or a line that its container prints first. */
  readonly after: { readonly ms: number } | { readonly line: RegExp };
  /** From the notice to the end; two minutes at AWS. */
  readonly noticeMs: number;
}

/** Whether and when an attempt's spot instance is taken back; undefined = it is not. */
export type ReclaimOf = (attempt: {
  readonly jobName: string;
  readonly index: number;
  readonly attempt: number;
}) => Reclaim | undefined;

/** Waits for the moment to take an instance back. */
export class ReclaimTimer {
  private readonly timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly reclaim: Reclaim | undefined,
    private readonly instance: Instance,
  ) {
    if (reclaim !== undefined && "ms" in reclaim.after) this.timer = setTimeout(() => this.strike(), reclaim.after.ms);
  }

  /** Takes a line that the attempt's container prints. */
  take(line: string): void {
    if (this.reclaim !== undefined && "line" in this.reclaim.after && this.reclaim.after.line.test(line)) this.strike();
  }

  /** The attempt has ended. */
  end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private strike(): void {
    if (this.isOver || this.reclaim === undefined) return;
    this.end();
    void this.instance.reclaim(this.reclaim.noticeMs);
  }
}
