import type { TrialProgress } from "../src/contract/worker-messages.ts";
import type { Clock } from "./clock.ts";

const minMilliseconds = 250;

/** Passes progress on at most four times a second, and the end of every epoch; what comes in between not at all. */
export class ProgressThrottle {
  private lastMilliseconds = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly passOn: (progress: TrialProgress) => void,
  ) {}

  offer(progress: TrialProgress): void {
    const now = this.clock.milliseconds();
    if (now - this.lastMilliseconds < minMilliseconds && progress.isEpochEnd !== true) return;
    this.lastMilliseconds = now;
    this.passOn(progress);
  }
}
