import type { AttemptFacts, EpochTiming, MetricsLine } from "../src/record/trial-record.ts";
import type { EarlyStoppingState } from "./early-stopping.ts";
import type { PlateauState } from "./plateau.ts";

/** Running sums of training figures, in float64 and in the order of the steps. */
export interface FigureSums {
  loss: number;
  correct: number;
  examples: number;
}

/**
 * Where a training is, besides the model's tensors. Plain JSON: a training that goes on from it and the tensors ends
 * with the same bytes as one that was never interrupted.
 */
export interface TrainingState {
  schemaVersion: 1;
  /** Optimizer steps done. */
  step: number;
  /** Epoch in progress, from 0; the number of epochs once all are done. */
  epoch: number;
  /** Batches of that epoch done. All of them done = the epoch is trained, but not yet evaluated. */
  batch: number;
  /** Of the epoch in progress. */
  epochSums: FigureSums;
  /** Of the steps since the last line of `logEverySteps`. */
  logSums: FigureSums;
  /** The best epoch so far (from 1) by `keepBest`. */
  best?: { readonly epoch: number };
  earlyStopping?: EarlyStoppingState;
  plateau?: PlateauState;
  /** Attempts that led here, the running one last. */
  attempts?: readonly AttemptFacts[];
  metrics: MetricsLine[];
  timings: EpochTiming[];
  /** Wall time over all attempts that led here. */
  seconds: number;
}

/** The state before the first step. */
export function initialState(): TrainingState {
  return {
    schemaVersion: 1,
    step: 0,
    epoch: 0,
    batch: 0,
    epochSums: emptySums(),
    logSums: emptySums(),
    metrics: [],
    timings: [],
    seconds: 0,
  };
}

/** Nothing summed up yet. */
export function emptySums(): FigureSums {
  return { loss: 0, correct: 0, examples: 0 };
}

/** Whether a value from a checkpoint is a state that this version can go on from. */
export function isTrainingState(value: unknown): value is TrainingState {
  return typeof value === "object" && value !== null && "schemaVersion" in value && value.schemaVersion === 1;
}
