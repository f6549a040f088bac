import type { PlannedModel } from "../../src/plan/plan.ts";
import type { Ema } from "../../src/spec/schema/ema.ts";
import type { GradientClipping } from "../../src/spec/schema/optimizer.ts";
import type { Loss, Optimizer } from "../../src/spec/schema/training.ts";

/** One batch of examples, in buffers that the caller reuses: an engine copies what it keeps. */
export interface Batch {
  /** Number of examples. */
  readonly size: number;
  /** Pixels, shape [size, …model input shape], row-major; may be longer than needed. */
  readonly images: Float32Array;
  /** True class indices, shape [size]; may be longer than needed. */
  readonly labels: Int32Array;
}

/** What one training step found before it changed the weights. */
export interface StepFigures {
  /**
   * Mean loss over the batch, each example's multiplied by the weight of its class if classes have weights; with what
   * regularizers add, as in Keras.
   */
  readonly loss: number;
  /** Examples of the batch classified right. */
  readonly correct: number;
  readonly size: number;
}

/** A named float32 tensor outside the engine. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Everything a model needs to go on training exactly where it was. */
export interface ModelState {
  /** Weights by `<layer>/kernel`, `<layer>/bias`, `<layer>/movingMean`…, in layer order; frozen ones included. */
  readonly weights: readonly NamedTensor[];
  /** Optimizer slots by `<weight>/<slot>`, in weight order, then averages `<weight>/average`; empty for plain SGD. */
  readonly optimizer: readonly NamedTensor[];
}

/** What a model of the plan is built from. */
export interface ModelRequest {
  readonly model: PlannedModel;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly gradientClipping?: GradientClipping | undefined;
  /** Predict with a moving average of the weights. */
  readonly ema?: Ema | undefined;
  /** Weight of each class in the training loss, shape [classes]; absent = 1. */
  readonly classWeights?: Float64Array | undefined;
  /** Initial weights and dropout masks are drawn from it. */
  readonly seed: number;
  /** Trained weights that it starts from, by `<layer>/kernel`…; the others are drawn. */
  readonly initialWeights?: readonly NamedTensor[];
  /** Sizes of batches to come, for engines that prepare for them; others are taken as well. */
  readonly batchSizes?: BatchSizes;
}

/** Sizes of the batches that a model will see. */
export interface BatchSizes {
  readonly train: readonly number[];
  readonly predict: readonly number[];
}

/** A model in files, in the standard tfjs layers format: `model.json` and `weights.bin`. */
export interface SavedModel {
  readonly topology: Uint8Array;
  /** All weights one after another as little-endian float32, in the order of the manifest in `topology`. */
  readonly weights: Uint8Array;
}

/** A model that can predict. All methods are synchronous: the trainer yields between batches. */
export interface Predictor {
  /**
   * Class probabilities and per-example losses without changing anything. What regularizers add is part of each loss, so
   * that their mean is the loss that Keras reports.
   * @returns probabilities, shape [size, classes]; losses, shape [size]; valid until the next call
   */
  predict(batch: Batch): { readonly probabilities: Float32Array; readonly losses: Float32Array };
  /** Frees everything; the model can't be used any more. */
  dispose(): void;
}

/** A series of steps that is done in one call, on training images that the engine keeps. */
export interface SeriesPlan {
  /** Training images to keep. */
  readonly imageCount: number;
  /** Examples of each step. */
  readonly batchSize: number;
  /** Steps of each call. */
  readonly stepCount: number;
}

/** One step of a series. */
export interface SeriesStep {
  /** Which of the kept images, shape [examples]. */
  readonly rows: Int32Array;
  /** Their true class indices, shape [examples]. */
  readonly labels: Int32Array;
  /** Optimizer steps done before, from 0. */
  readonly step: number;
  readonly learningRate: number;
}

/** Series of steps; they give what the same steps give one by one, to the bit. */
export interface StepSeries {
  /** Makes room for the images and prepares the steps. @returns why that is not possible */
  prepare(plan: SeriesPlan): string | undefined;
  /** Hands over images. @param start row of the first one */
  putImages(start: number, batch: Batch): void;
  /** Whether a series can be trained now: not before a single step with as many examples was found right. */
  isReady(): boolean;
  /** @param steps as many as were planned */
  train(steps: readonly SeriesStep[]): void;
}

/** A model that can learn. */
export interface EngineModel extends Predictor {
  /**
   * One optimizer step.
   * @param step optimizer steps done before, from 0: numbers dropout masks and Adam's bias correction
   */
  trainStep(batch: Batch, options: { readonly step: number; readonly learningRate: number }): void;
  /** Several steps in one call; absent = the engine does one at a time. */
  readonly series?: StepSeries;
  /** The figures of all steps since the last call, in order; reading them may synchronise with a device. */
  drainSteps(): StepFigures[];
  readState(): ModelState;
  writeState(state: ModelState): void;
  /** How steps are computed, for the record: `compiled`, or `eager: <why not compiled>`; absent = there is one way. */
  readonly stepMode?: string;
  /** The weights that it predicts with: those of `readState`, or their moving averages with `ema`. */
  readEvaluatedWeights(): ModelState["weights"];
  /** The architecture in files with these weights: the current ones or earlier ones, as they were read. */
  save(weights: ModelState["weights"]): SavedModel;
}

/** What computes. */
export interface Engine {
  readonly name: string;
  /** Version of the library that computes. */
  readonly version: string;
  readonly threads: number;
  /** Whatever else may make two machines' results differ: library versions, device, flags. */
  readonly details?: Readonly<Record<string, string>>;
  /** What a person should know of how it computes here; to be said once, on stderr. */
  readonly notice?: string;
  buildModel(request: ModelRequest): EngineModel;
  /**
   * Loads a model that was saved; it predicts exactly what it predicted before.
   * @throws Error if the files are damaged or don't belong together
   */
  loadModel(saved: SavedModel, loss: Loss): Promise<Predictor>;
  /** Tensors alive now, for leak checks. */
  tensorCount(): number;
  /** Size of the memory that the engine manages itself; absent if it takes all from the process. */
  heapBytes?(): number;
}
