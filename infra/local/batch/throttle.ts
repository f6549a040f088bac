/** Lets so many requests a second pass; a second's worth may come at once. */
export class Throttle {
  private tokens: number;
  private atMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly nowMs: () => number,
  ) {
    this.tokens = perSecond;
    this.atMs = nowMs();
  }

  /** @returns whether a request may pass now */
  take(): boolean {
    const now = this.nowMs();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.atMs) / 1000) * this.perSecond);
    this.atMs = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
