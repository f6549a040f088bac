import type { TestFigures } from "../contract/test-figures.ts";
import type { Failure } from "../contract/worker-messages.ts";
import type { PlannedConfiguration, ResolvedTrial, TrialId } from "../plan/plan.ts";
import type { Monitor } from "../spec/schema/monitor.ts";

export type { TestFigures } from "../contract/test-figures.ts";

/** `trial.json`: what the trial is, fully resolved. Written before training starts. */
export interface TrialDocument extends Omit<ResolvedTrial, "index" | "configuration"> {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly configurationId: PlannedConfiguration["id"];
  readonly values: PlannedConfiguration["values"];
}

/** Loss and accuracy over some examples. */
export interface LossAndAccuracy {
  /** Mean over the examples. */
  readonly loss: number;
  /** Fraction classified right, 0…1. */
  readonly accuracy: number;
}

/** A line of `metrics.jsonl` after an epoch. Training figures are means over the epoch while weights changed. */
export interface EpochMetrics extends LossAndAccuracy {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps done so far. */
  readonly step: number;
  readonly learningRate: number;
  readonly validation?: LossAndAccuracy;
  readonly test?: LossAndAccuracy;
}

/** A line of `metrics.jsonl` every `logEverySteps` steps: means over those steps. */
export interface StepMetrics extends LossAndAccuracy {
  readonly kind: "step";
  readonly epoch: number;
  readonly step: number;
  readonly learningRate: number;
}

/** A line of `metrics.jsonl`. Holds nothing that differs between two runs of the same trial. */
export type MetricsLine = EpochMetrics | StepMetrics;

/** A line of `timings.jsonl`: how fast an epoch was, on this occasion. */
export interface EpochTiming {
  readonly epoch: number;
  readonly attempt: number;
  /** Wall time of training and evaluating the epoch (of its part since the last resume). */
  readonly seconds: number;
  /** Training examples per second of training time. */
  readonly examplesPerSecond: number;
}

/** How one class did on the test examples. Ratios with an empty denominator are 0, as in scikit-learn. */
export interface ClassFigures {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** `confusion.json`: the test examples by true and predicted class. */
export interface ConfusionDocument {
  readonly schemaVersion: 1;
  readonly classNames: readonly string[];
  /** [true class][predicted class]. */
  readonly counts: readonly (readonly number[])[];
  readonly classes: readonly ClassFigures[];
}

/** What a finished trial said about the test examples, by number; compact, for many trials at once. */
export interface Predictions {
  /** True class of each example. */
  readonly labels: Uint16Array;
  /** Predicted class of each. */
  readonly predicted: Uint16Array;
  /** Probability of the predicted class, 0…1 but for rounding. */
  readonly confidences: Float32Array;
}

/** When and why a training stopped early; epochs count from 1. */
export interface StoppedEarly {
  /** The last epoch that was trained. */
  readonly epoch: number;
  readonly monitor: Monitor;
  /** The best figure, which no later epoch improved on by enough. */
  readonly best: number;
  readonly bestEpoch: number;
}

/** `result.json`: the trial's outcome; its presence means that the record is complete. Deterministic. */
export interface TrialResult {
  readonly schemaVersion: 1;
  readonly trialId: TrialId;
  readonly epochs: number;
  readonly steps: number;
  readonly parameterCount: number;
  /** The epoch whose weights were tested and saved: the best one with `keepBest` or `restoreBest`, else the last. */
  readonly testedEpoch: number;
  /** Present if the training stopped before its budget was used up. */
  readonly stoppedEarly?: StoppedEarly;
  /** Metrics of the tested epoch. */
  readonly train: LossAndAccuracy;
  readonly validation?: LossAndAccuracy;
  readonly test: TestFigures;
  /** SHA-256 (hex) of the deterministic files of the record, by name within the trial. */
  readonly files: Readonly<Record<string, string>>;
}

/** `failure.json`: why the last attempt failed; replaced by later attempts, ignored once there is a result. */
export interface FailureDocument extends Failure {
  readonly schemaVersion: 1;
  readonly trialId: TrialId;
  readonly attempt: number;
}

/** The machine that a trial was run on. */
export interface MachineFacts {
  /** Name and release of the operating system. */
  readonly os: string;
  readonly cores: number;
  /** What the process may use: the machine's, or its container's. */
  readonly memoryBytes: number;
  /** Model names of the GPUs; absent = none that is visible. */
  readonly gpus?: readonly string[];
  readonly gpuDriver?: string;
}

/** One of several attempts that led to a result. */
export interface AttemptFacts {
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Optimizer steps that were done before it. */
  readonly fromStep: number;
  readonly packageVersion: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly threads: number;
  readonly node: string;
  readonly hostname: string;
  readonly cpu: string;
  readonly provenance?: string;
}

/** `environment.json`: the circumstances, which don't influence the result. */
export interface EnvironmentDocument {
  readonly schemaVersion: 1;
  readonly engine: string;
  readonly engineVersion: string;
  /** Device, further versions, flags, and how steps were computed: whatever else the engine says about itself. */
  readonly engineDetails?: Readonly<Record<string, string>>;
  readonly packageVersion: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly threads: number;
  readonly hostname: string;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Wall time over all attempts that led to the result, without work that was lost. */
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  /** Absent from records of versions that didn't write it, as all that follows. */
  readonly machine?: MachineFacts;
  /** Digest of the container image, if it ran in one that says so. */
  readonly imageDigest?: string;
  /** Id of the run's `provenance/<id>.json`. */
  readonly provenance?: string;
  /** Present if there were several: the checkpoints of each went on to the next. The last one wrote this document. */
  readonly attempts?: readonly AttemptFacts[];
  /** SHA-256 (hex) of the other files about the circumstances, by name within the trial. */
  readonly files?: Readonly<Record<string, string>>;
}

/** `trials/<trialId>.json`: the ledger entry; written once by whoever finishes the trial first. */
export interface LedgerEntry {
  readonly schemaVersion: 1;
  readonly trialId: TrialId;
  readonly experiment: string;
  readonly runId: string;
}
