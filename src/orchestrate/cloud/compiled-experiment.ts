import type { Plan } from "../../plan/plan.ts";
import type { Experiment } from "../../spec/parse-experiment.ts";

/** How some of a plan's trials are shared out: an array of jobs, or one job. */
export interface CompiledChunk {
  /** Name of the job definition's size, see `CloudSettings.sizes`. */
  readonly size: string;
  /** Children; 1 = a single job. */
  readonly arraySize: number;
  readonly trialsPerJob: number;
  /** Index in `plan.trials` of the chunk's first trial. */
  readonly trialOffset: number;
}

/** An experiment as it was compiled when the stack was synthesised: an asset that the `plan` function reads. */
export interface CompiledExperiment {
  readonly schemaVersion: 1;
  /** Checked, with what it extends merged in; `file` is its path in the project. */
  readonly experiment: Experiment;
  /**
   * Absent: a data set was not known when the stack was synthesised. Then `plan` plans from `experiment` and the manifests
   * of the data sets that were uploaded.
   */
  readonly plan?: Plan;
  /** How all trials of `plan` are shared out if none is in the ledger. */
  readonly chunks?: readonly CompiledChunk[];
  /** Commit that was synthesised, with `-dirty` if the project had changes; absent = no git. */
  readonly commit?: string;
}
