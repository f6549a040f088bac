import type { EpochTiming } from "../src/record/trial-record.ts";
import type { Clock } from "./clock.ts";

/** Times the part of an epoch that one attempt trains. */
export class EpochStopwatch {
  private readonly start: number;
  private trained: number;

  /** Starts at once. @param examplesBefore examples of the epoch that an earlier attempt has trained */
  constructor(
    private readonly clock: Clock,
    private readonly examplesBefore: number,
  ) {
    this.start = clock.milliseconds();
    this.trained = this.start;
  }

  /** The epoch is trained; evaluating it doesn't count as training time. */
  markTrained(): void {
    this.trained = this.clock.milliseconds();
  }

  /** @param examples examples of the epoch that were trained, earlier attempts included */
  timing(epoch: number, attempt: number, examples: number): EpochTiming {
    const trainedExamples = examples - this.examplesBefore;
    const trainingSeconds = (this.trained - this.start) / 1000;
    return {
      epoch,
      attempt,
      seconds: (this.clock.milliseconds() - this.start) / 1000,
      // An attempt that went on between training and evaluating an epoch has trained nothing of it.
      examplesPerSecond: trainedExamples === 0 ? 0 : trainedExamples / trainingSeconds,
    };
  }
}
