import type { PlannedModel } from "../../src/plan/plan.ts";
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
  /** Mean loss over the batch. */
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
  /** Weights by `<layer>/kernel`, `<layer>/bias`, in layer order. */
  readonly weights: readonly NamedTensor[];
  /** Optimizer slots by `<weight>/<slot>`, in weight order; empty for plain SGD. */
  readonly optimizer: readonly NamedTensor[];
}

/** What a model of the plan is built from. */
export interface ModelRequest {
  readonly model: PlannedModel;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Initial weights and dropout masks are drawn from it. */
  readonly seed: number;
}

/** A model in an engine. All methods are synchronous: the trainer yields between steps. */
export interface EngineModel {
  /**
   * One optimizer step.
   * @param step optimizer steps done before, from 0: numbers dropout masks and Adam's bias correction
   */
  trainStep(batch: Batch, options: { readonly step: number; readonly learningRate: number }): void;
  /** The figures of all steps since the last call, in order; reading them may synchronise with a device. */
  drainSteps(): StepFigures[];
  /**
   * Class probabilities and per-example losses without changing anything.
   * @returns probabilities, shape [size, classes]; losses, shape [size]; valid until the next call
   */
  predict(batch: Batch): { readonly probabilities: Float32Array; readonly losses: Float32Array };
  readState(): ModelState;
  writeState(state: ModelState): void;
  /** Frees everything; the model can't be used any more. */
  dispose(): void;
}

/** What computes. */
export interface Engine {
  readonly name: string;
  /** Version of the library that computes. */
  readonly version: string;
  readonly threads: number;
  buildModel(request: ModelRequest): EngineModel;
  /** Tensors alive now, for leak checks. */
  tensorCount(): number;
}
