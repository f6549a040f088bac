/** When a worker process that still runs is replaced by a new one, between two trials. */
export interface RecyclingRules {
  /** Growth of its resident set since the end of its second trial; the first ones load code, data and the largest model. */
  readonly maxGrowthBytes: number;
  readonly maxTrials: number;
}

/** Half a gibibyte is more than trials of different sizes make; starting a new process costs less than a second. */
export const defaultRecyclingRules: RecyclingRules = { maxGrowthBytes: 512 * 2 ** 20, maxTrials: 1000 };

/** The first trial whose end is compared with. */
const settledTrials = 2;

/** Watches one worker process over its trials. */
export class WorkerAge {
  private trials = 0;
  private settledBytes: number | undefined;

  constructor(private readonly rules: RecyclingRules) {}

  /**
   * Takes note of the end of a trial.
   * @param rssBytes resident set then; undefined if the worker doesn't tell
   * @returns whether the worker is to be replaced
   */
  endTrial(rssBytes: number | undefined): boolean {
    this.trials++;
    if (this.trials >= this.rules.maxTrials) return true;
    if (rssBytes === undefined) return false;
    if (this.trials === settledTrials) this.settledBytes = rssBytes;
    return this.settledBytes !== undefined && rssBytes - this.settledBytes > this.rules.maxGrowthBytes;
  }
}
