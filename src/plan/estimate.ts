import type { Evaluation } from "../spec/schema/experiment.ts";
import type { Training } from "../spec/schema/training.ts";
import { countBatchBuffers, needsPreparation } from "./batch-buffers.ts";
import { planKeptImages } from "./kept-images.ts";
import type { Estimate, PlannedData, PlannedLayer, PlannedModel } from "./plan.ts";
import { elementCount } from "./shape.ts";
import { countFixedWeightCopies, countWeightCopies } from "./weight-copies.ts";
import { estimateWasmActivations } from "./wasm-activations.ts";
import { isWindowed, windowOf } from "./window.ts";

/** The sections of a configuration that an estimate depends on. */
export interface EstimatedConfiguration {
  readonly data: PlannedData;
  readonly model: PlannedModel;
  readonly training: Training;
  readonly evaluation: Evaluation;
}

/** How long a training is. */
export type Budget = Pick<Estimate, "stepsPerEpoch" | "epochCount" | "stepCount">;

/** Peak memory of one worker, in bytes, by what it is for. */
export interface MemoryParts {
  /** Node, the engine and the code. */
  readonly process: number;
  /** The whole data set as uint8, or as it is stored (PNG, JPEG); labels included. */
  readonly data: number;
  /** Prepared batches: the one in use and those made ahead. */
  readonly batches: number;
  /** Images that are kept prepared for the next epoch. */
  readonly kept: number;
  /** Weights, gradients, optimizer slots, the temporaries of an update and the best weights so far. */
  readonly weights: number;
  /** Layer outputs of one batch, and their gradients while training. */
  readonly activations: number;
  /** Patches of one image laid out for a convolution as a matrix product. */
  readonly scratch: number;
}

const bytesPerNumber = 4;
/**
 * Node with the engine: what is left of a small worker's peak without its data. Measured as the peak resident set of whole
 * workers, Node 20: 122 MiB for a dense layer on 2,500 images of 8×8; on MNIST 245…265 MiB for a small CNN (this estimate:
 * 287), 384 for a perceptron of 3.7 million weights (376), 228 for a single dense layer (197: the
 * most is held there while the files are unpacked).
 */
const processBytes = 135 * 2 ** 20;
/** A thread that makes batches: the same workers with augmentation had 14…17 MiB more, apart from the batches. */
const batchThreadBytes = 15 * 2 ** 20;

/** What a trial of a configuration takes, from shapes alone. */
export function estimate(configuration: EstimatedConfiguration): Estimate {
  const { data, model, training } = configuration;
  const budget = computeBudget(training, data.trainCount);
  const memory = estimateMemory(configuration);
  return {
    ...budget,
    memoryBytes: totalMemory(memory),
    // The backward pass takes two products per layer (gradients of weights and of inputs) for one of the forward pass.
    trainingMultiplyAdds: 3 * model.multiplyAdds * countSeenExamples(training, data.trainCount, budget),
  };
}

/** Bytes of all parts together. */
export function totalMemory({ process, data, batches, kept, weights, activations, scratch }: MemoryParts): number {
  return process + data + batches + kept + weights + activations + scratch;
}

/** Steps and epochs of a training; the last batch of an epoch may be smaller, the last epoch shorter. */
export function computeBudget(training: Training, trainCount: number): Budget {
  const stepsPerEpoch = Math.ceil(trainCount / training.batchSize);
  const stepCount = training.steps ?? (training.epochs ?? 1) * stepsPerEpoch;
  return { stepsPerEpoch, epochCount: Math.ceil(stepCount / stepsPerEpoch), stepCount };
}

function countSeenExamples({ batchSize }: Training, trainCount: number, budget: Budget): number {
  const wholeEpochs = Math.floor(budget.stepCount / budget.stepsPerEpoch);
  const restSteps = budget.stepCount - wholeEpochs * budget.stepsPerEpoch;
  return wholeEpochs * trainCount + Math.min(restSteps * batchSize, trainCount);
}

/**
 * How many times the counted bytes a worker of the wasm engine really has at its peak, from the resident set of 14 workers
 * (7 architectures, 0.2…33 million parameters, batches of 16…500).
 * - weights: the last checkpoint and the saved model are copies outside the engine, made while it holds its own
 * - evaluation: layer outputs of an evaluation batch; the heap has gaps
 */
export const memoryFactors = { weights: 2.4, evaluation: 1.8 } as const;

/** Peak memory of one worker of the wasm engine: what is counted, calibrated on real workers. */
export function estimateMemory(configuration: EstimatedConfiguration): MemoryParts {
  const { data, model, training } = configuration;
  const counted = countMemory(configuration);
  const ofTraining = estimateWasmActivations(model, Math.min(training.batchSize, data.trainCount));
  const ofEvaluation = memoryFactors.evaluation * countActivations(configuration).evaluation;
  return {
    ...counted,
    weights: Math.round(memoryFactors.weights * counted.weights),
    activations: Math.round(Math.max(ofTraining, ofEvaluation)),
  };
}

/**
 * What a worker must hold at once. Numbers are float32; with P parameters, B examples per batch, layer outputs o_l:
 * - weights: 4·P·(weights, gradients, temporaries: 3; more: see `countWeightCopies`)
 * - activations: the larger of training, 4·B·(inputs + Σ kept_l + 2·max o_l), and evaluation, 4·B'·max(inputs_l + 2·o_l);
 *   kept_l is o_l, twice where an activation, a normalised input or a mask is kept for the backward pass
 * - scratch: 4·max over conv2d of kernel height·width·channels·output height·width, one image at a time
 */
export function countMemory({ data, model, training, evaluation }: EstimatedConfiguration): MemoryParts {
  const { dataset } = data;
  const examples = dataset.trainExamples + dataset.testExamples;
  const trainBatch = Math.min(training.batchSize, data.trainCount);
  const evaluationBatch = Math.min(evaluation.batchSize, Math.max(data.testCount, data.validationCount));
  const batchBytes = bytesPerNumber * Math.max(trainBatch, evaluationBatch) * elementCount(model.inputShape);
  const activations = countActivations({ data, model, training, evaluation });
  return {
    process: processBytes + (needsPreparation(data.spec) ? batchThreadBytes : 0),
    data: dataset.storedBytes ?? examples * (elementCount(dataset.imageShape) + 1),
    batches: countBatchBuffers(data.spec, batchBytes) * batchBytes,
    kept: planKeptImages({ data, model, evaluation }, computeBudget(training, data.trainCount).epochCount).bytes,
    weights:
      bytesPerNumber *
      (model.parameterCount * countWeightCopies(training) +
        (model.nonTrainableCount ?? 0) * countFixedWeightCopies(training)),
    activations: Math.max(activations.training, activations.evaluation),
    scratch: countPatchBytes(model),
  };
}

/** Bytes of layer outputs that a training step keeps, and of those alive at once in an evaluation. */
export function countActivations({ data, model, training, evaluation }: EstimatedConfiguration): {
  readonly training: number;
  readonly evaluation: number;
} {
  const trainBatch = Math.min(training.batchSize, data.trainCount);
  const evaluationBatch = Math.min(evaluation.batchSize, Math.max(data.testCount, data.validationCount));
  const perLayer = model.layers.map((layer) => sizes(layer).input + 2 * sizes(layer).output);
  return {
    training: bytesPerNumber * trainBatch * countKeptWhileTraining(model),
    evaluation: bytesPerNumber * evaluationBatch * Math.max(...perLayer),
  };
}

/** Bytes of the largest convolution's patches of one image, laid out as a matrix. */
export function countPatchBytes({ layers }: PlannedModel): number {
  return bytesPerNumber * Math.max(...layers.map(countPatchNumbers));
}

function countKeptWhileTraining(model: PlannedModel): number {
  let kept = elementCount(model.inputShape);
  let largest = kept;
  for (const layer of model.layers) {
    const { output } = sizes(layer);
    kept += isKeptTwice(layer) ? 2 * output : output;
    largest = Math.max(largest, output);
  }
  return kept + 2 * largest;
}

function isKeptTwice({ layer }: PlannedLayer): boolean {
  const isMasked = layer.type === "dropout" || layer.type === "spatialDropout2d" || layer.type === "gaussianNoise";
  const isNormalised = layer.type === "batchNormalization" || layer.type === "layerNormalization";
  return isMasked || isNormalised || ("activation" in layer && layer.activation !== "linear");
}

function countPatchNumbers({ layer, inputShape, outputShape }: PlannedLayer): number {
  if (!isWindowed(layer) || layer.type !== "conv2d") return 0;
  const window = elementCount(windowOf(layer).size) * (inputShape[2] ?? 1);
  return window * elementCount(outputShape.slice(0, 2));
}

function sizes({ inputShape, outputShape }: PlannedLayer): { readonly input: number; readonly output: number } {
  return { input: elementCount(inputShape), output: elementCount(outputShape) };
}
