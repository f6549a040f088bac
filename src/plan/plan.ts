import type { Evaluation, Resources } from "../spec/schema/experiment.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";
import type { Layer } from "../spec/schema/layer.ts";
import type { Data } from "../spec/schema/data.ts";
import type { Benchmark, ScheduleSection } from "../spec/schema/nightly.ts";
import type { RunRules } from "../spec/schema/run.ts";
import type { Training } from "../spec/schema/training.ts";

/** Identity of a trial: 20 hex digits of the hash of everything that determines its results. */
export type TrialId = string & { readonly __brand: "TrialId" };

/** Identity of a configuration: like a trial's, without the seed. */
export type ConfigurationId = string & { readonly __brand: "ConfigurationId" };

/** Which code makes the results: a new results version means that old results can't be reused. */
export interface CodeIdentity {
  readonly packageVersion: string;
  /** Raised by hand whenever a change makes any trial's numbers differ. */
  readonly resultsVersion: number;
}

/** The facts about a data set that a plan depends on. */
export interface PlannedDataset {
  readonly name: string;
  readonly sha256: string;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classCount: number;
  readonly classNames: readonly string[];
  readonly trainExamples: number;
  readonly testExamples: number;
  /** Examples of each class by file, where they have been counted. */
  readonly classCounts?: { readonly train: readonly number[]; readonly test: readonly number[] };
  /** Examples of the data set's own validation part, if it has one. */
  readonly validationExamples?: number;
  /** Images as they are stored, where that is not one byte a value (PNG, JPEG). */
  readonly storedBytes?: number;
  /**
   * If the images are not of one size: the first files and their sizes, for people. `imageShape` then is the smallest
   * height and the smallest width.
   */
  readonly mixedSizes?: readonly string[];
}

/** A `data:` section resolved against its data set; `selectExamples` says which examples the counts stand for. */
export interface PlannedData {
  readonly spec: Data;
  readonly dataset: PlannedDataset;
  /** Examples learned from; unless chosen otherwise: [0, trainCount) of the training file. */
  readonly trainCount: number;
  /** Examples held out; unless chosen otherwise: [trainCount, trainCount + validationCount) of the training file. */
  readonly validationCount: number;
  /** Test examples; unless chosen otherwise: [0, testCount) of the test file. */
  readonly testCount: number;
}

/** A tensor shape without the batch axis: [height, width, channels] or [features]. */
export type Shape = readonly number[];

/** One layer of an unfolded architecture with what shape inference found out about it. */
export interface PlannedLayer {
  /** Unique in the model: the given name, or its type and number as `conv2d_1`. */
  readonly name: string;
  readonly layer: Layer;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Weights and biases that are trained. */
  readonly parameterCount: number;
  /** Multiply-adds of one example's forward pass. */
  readonly multiplyAdds: number;
  /** Weights that no gradient changes: moving statistics, and all weights of a frozen layer. Absent = none. */
  readonly nonTrainableCount?: number;
  /** Names of the layers that it computes on, or `modelInput`. Absent = the layer before it (first: the model's input). */
  readonly inputs?: readonly string[];
}

/** Trained weights that a model starts from. */
export interface PlannedWeights {
  readonly spec: InitialWeights;
  /** Identity of the weights, however they were named or stored. */
  readonly sha256: string;
  /** Names of the layers that take all their weights from there. */
  readonly layers: readonly string[];
  /** Key of the trial's record, if the weights are a trial's. */
  readonly trialKey?: string;
}

/** An architecture, unfolded and checked to its last shape. */
export interface PlannedModel {
  readonly name?: string;
  readonly inputShape: Shape;
  /** From input to output: each comes after those that it computes on; the last one's output is the model's. */
  readonly layers: readonly PlannedLayer[];
  /** Weights and biases that are trained. */
  readonly parameterCount: number;
  readonly multiplyAdds: number;
  /** Weights that no gradient changes. Absent = none. */
  readonly nonTrainableCount?: number;
  /** Absent = every layer starts from its initialisers. */
  readonly initialWeights?: PlannedWeights;
}

/** What a trial of a configuration takes, computed from shapes alone. */
export interface Estimate {
  readonly stepsPerEpoch: number;
  readonly epochCount: number;
  readonly stepCount: number;
  /** Peak memory of one worker in bytes: weights, gradients, optimizer slots, activations of one batch, data set. */
  readonly memoryBytes: number;
  /** Multiply-adds of the whole training, forward and backward. */
  readonly trainingMultiplyAdds: number;
}

/** One point of the sweep without the seed. Indexes point into the plan's tables. */
export interface PlannedConfiguration {
  readonly id: ConfigurationId;
  /** Swept paths and their values; a value that is a map or list is shown by its `name` or its number in the grid. */
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
  readonly data: number;
  readonly model: number;
  readonly training: number;
  readonly evaluation: number;
  readonly estimate: Estimate;
}

/** One trial: a configuration and a seed. */
export interface PlannedTrial {
  readonly id: TrialId;
  /** Index into `configurations`. */
  readonly configuration: number;
  readonly seed: number;
}

/**
 * Everything that will be run, as plain JSON. Equal sections are stored once: configurations point into
 * the tables `data`, `models`, `trainings` and `evaluations`.
 */
export interface Plan {
  readonly schemaVersion: 1;
  /** Hash of the trial ids in order: two plans with the same id run the same trials. */
  readonly planId: string;
  readonly experiment: string;
  readonly description?: string;
  readonly code: CodeIdentity;
  readonly data: readonly PlannedData[];
  readonly models: readonly PlannedModel[];
  readonly trainings: readonly Training[];
  readonly evaluations: readonly Evaluation[];
  readonly configurations: readonly PlannedConfiguration[];
  readonly trials: readonly PlannedTrial[];
  readonly resources: Resources;
  /** When a run of the plan stops by itself; absent = the defaults. */
  readonly run?: RunRules;
  /** When it is run by itself; absent = only by hand. */
  readonly schedule?: ScheduleSection;
  /** How nights are judged; absent = the defaults. */
  readonly benchmark?: Benchmark;
}

/** A trial with everything it needs, looked up in its plan. */
export interface ResolvedTrial {
  readonly index: number;
  readonly id: TrialId;
  readonly seed: number;
  readonly configuration: PlannedConfiguration;
  readonly data: PlannedData;
  readonly model: PlannedModel;
  readonly training: Training;
  readonly evaluation: Evaluation;
}
