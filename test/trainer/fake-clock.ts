import type { Clock } from "../../trainer/clock.ts";

/** A clock that stands still until it is moved on. */
export class FakeClock implements Clock {
  private now = 0;

  advance(milliseconds: number): void {
    this.now += milliseconds;
  }

  milliseconds(): number {
    return this.now;
  }

  date(): Date {
    return new Date(this.now);
  }
}
