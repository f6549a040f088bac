import type { TestFigures } from "./test-figures.ts";

/** What kind of thing can go wrong with an attempt; each has its own number of retries. */
export const failureKinds = [
  /** The experiment or data is wrong; never retried. */
  "user",
  /** The loss became NaN or infinite; deterministic, never retried. */
  "diverged",
  /** The engine, the JavaScript heap or the process had no memory left; tried once more, in a new process. */
  "memory",
  /** The process was killed from outside: a signal, a spot reclaim; perhaps the system had no memory left. */
  "killed",
  /** Store, network or disk could not be used: not the trial's fault, retried after growing pauses. */
  "infrastructure",
  /** The attempt took longer than `run.trialTimeLimit`; it wrote a checkpoint if it could. */
  "timeLimit",
  /** The trainer threw: a bug, or an environment that misbehaves. */
  "bug",
] as const;

/** What kind of thing went wrong with an attempt. */
export type FailureKind = (typeof failureKinds)[number];

/** Whether a text names a kind of failure. */
export function isFailureKind(text: unknown): text is FailureKind {
  return failureKinds.some((kind) => kind === text);
}

/** What helps a trial that needs too much memory. */
export const memoryAdvice =
  "Use a smaller training.batchSize or evaluation.batchSize, fewer units or filters, fewer `--workers` " +
  "if the machine is full, or `--engine tensorflow`, which has no limit of its own.";

/** Why an attempt at a trial failed. */
export interface Failure {
  readonly kind: FailureKind;
  /** One or two sentences for a person: what happened, where (step, learning rate), what to do. */
  readonly reason: string;
}

/** Who trains a trial. Times are those of the holder's clock: for people, nothing is decided by them. */
export interface ClaimHolder {
  readonly experiment: string;
  readonly runId: string;
  /** Names the process that hands out the attempts. */
  readonly session: string;
  /** Name of the machine. */
  readonly host: string;
  /** Within it a process id names one process. */
  readonly space: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** When it last said that it was there: ISO 8601, UTC. */
  readonly lastSign: string;
}

/** How far a running trial is. Losses are means over the epoch so far. */
export interface TrialProgress {
  /** 1-based epoch in progress. */
  readonly epoch: number;
  readonly epochCount: number;
  /** Optimizer steps done since the start of the trial. */
  readonly step: number;
  readonly stepCount: number;
  readonly loss?: number;
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Whether an epoch has just been trained and evaluated: the figures are those of the whole epoch. */
  readonly isEpochEnd?: true;
}

/** Messages from the executor to a worker process, over the IPC channel. */
export type ToWorker =
  | { readonly type: "run"; readonly trialIndex: number; readonly attempt: number }
  /** Finish the current step, write a checkpoint, leave with exit code 75. */
  | { readonly type: "stop" }
  /** Load the saved model of the finished trial recorded under `trialKey` and test it again. */
  | { readonly type: "evaluate"; readonly trialKey: string }
  /** Predict test examples (from 0, in the order they are tested in: file order, of a subset) with the saved model of the trial recorded under `trialKey`. */
  | ({ readonly type: "predict"; readonly examples: readonly number[] } & ChosenWeights)
  /** Predict image files (absolute paths). */
  | ({
      readonly type: "predictImages";
      readonly files: readonly string[];
      /** Whether light and dark are exchanged first. */
      readonly isInverted: boolean;
    } & ChosenWeights);

/** The weights that are predicted with. */
export interface ChosenWeights {
  readonly trialKey: string;
  /** Those of the checkpoint after this epoch (from 1); absent = the saved model's. */
  readonly checkpointEpoch?: number;
}

/** What a saved model says about one example. */
export interface Prediction {
  /** Index among the tested examples: in the test file, or in the chosen subset of it. */
  readonly example: number;
  /** True class index. */
  readonly label: number;
  /** Predicted class index. */
  readonly predicted: number;
  /** One probability per class. */
  readonly probabilities: readonly number[];
}

/** What a model says about an image file. */
export interface ImagePrediction {
  /** As it was asked for. */
  readonly file: string;
  /** Predicted class index. */
  readonly predicted: number;
  /** One probability per class. */
  readonly probabilities: readonly number[];
}

/** Test figures of a model that was loaded again, beside those in the record. */
export interface Reevaluation {
  readonly test: TestFigures;
  readonly recorded: TestFigures;
  /** [true class][predicted class]. */
  readonly confusion: readonly (readonly number[])[];
  /** Whether the predictions of all test examples are byte-equal to the recorded ones. */
  readonly predictionsAreEqual: boolean;
}

/** An attempt did nothing (`held`), or nothing more (`superseded`), because somebody else trains the trial. */
export interface TrainedElsewhere {
  readonly type: "held" | "superseded";
  /** Absent = had the trial, but has given it back. */
  readonly holder?: ClaimHolder;
}

/** What a worker process says about memory, every second and when an attempt has ended. */
export interface MemoryUse {
  /** Resident set of the process. */
  readonly rssBytes: number;
  /** What the machine, or the container, still has. */
  readonly availableBytes: number;
  /** All that it has. */
  readonly totalBytes: number;
}

/** Messages from a worker process to its executor, over the IPC channel. */
export type FromWorker =
  /** It can take trials. `notice`: what a person should know of how it computes. */
  | { readonly type: "ready"; readonly notice?: string }
  | ({ readonly type: "memory" } & MemoryUse)
  | { readonly type: "progress"; readonly trialIndex: number; readonly progress: TrialProgress }
  | { readonly type: "finished"; readonly trialIndex: number; readonly attempt: number }
  | { readonly type: "failed"; readonly trialIndex: number; readonly attempt: number; readonly failure: Failure }
  | { readonly type: "checkpointed"; readonly trialIndex: number; readonly attempt: number }
  | ({ readonly trialIndex: number; readonly attempt: number } & TrainedElsewhere)
  | { readonly type: "evaluated"; readonly evaluation: Reevaluation }
  | { readonly type: "predicted"; readonly predictions: readonly Prediction[] }
  | { readonly type: "imagesPredicted"; readonly predictions: readonly ImagePrediction[] }
  /** What was asked about a saved model could not be done. */
  | { readonly type: "refused"; readonly failure: Failure };

/**
 * The line a worker writes to stdout and to stderr after everything that belongs to an attempt, so that
 * the executor can tell which trial a line came from.
 */
export function endOfAttemptMarker(trialIndex: number, attempt: number): string {
  return `\u001enightsweep end of trial ${trialIndex} attempt ${attempt}\u001e`;
}
