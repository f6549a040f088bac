import type { Loss } from "../../src/spec/schema/training.ts";
import { softmaxCrossEntropy, type CrossEntropy } from "./cross-entropy.ts";

/** What a loss says about some examples. */
export interface LossFigures extends CrossEntropy {
  /** The derivative of each example's loss by the network's outputs, shape [examples, outputs]. */
  readonly slopes: () => Float64Array;
}

/**
 * A loss of every example. It starts from the logits, or from what is taken for them, and is computed in float64.
 * @param outputs what the network gives before its final softmax or sigmoid, shape [examples, outputs], row-major
 * @param labels true class indices, shape [examples]; may be longer
 * @param outputCount number of outputs: one per class, or 1 for `binaryCrossentropy`
 */
export type LossFunction = (outputs: Float32Array, labels: Int32Array, outputCount: number) => LossFigures;

/** The loss of the language. */
export function createLossFunction(loss: Loss): LossFunction {
  const { labelSmoothing = 0 } = loss;
  switch (loss.type) {
    case "sparseCategoricalCrossentropy":
    case "categoricalCrossentropy":
      return loss.allowSoftmaxOutput
        ? crossEntropyOfProbabilities(labelSmoothing)
        : (logits, labels, classCount) => crossEntropy(logits, labels, { classCount, labelSmoothing });
    case "binaryCrossentropy":
      return (logits, labels) => binaryCrossEntropy(logits, labels, labelSmoothing);
    case "meanSquaredError":
      return squaredError;
    default:
      return loss.type satisfies never;
  }
}

/**
 * The gradient of the mean loss over a batch by the network's outputs, shape [examples, outputs].
 * @param slopes see `LossFigures`
 * @param weightOf weight of an example's loss; the mean is over examples, not over weights, as in Keras
 */
export function meanGradient(
  slopes: Float64Array,
  exampleCount: number,
  weightOf?: (example: number) => number,
): Float32Array {
  const outputCount = slopes.length / exampleCount;
  const gradient = new Float32Array(slopes.length);
  for (let example = 0; example < exampleCount; example++) {
    const weight = weightOf === undefined ? 1 : weightOf(example);
    for (let index = example * outputCount; index < (example + 1) * outputCount; index++)
      gradient[index] = ((slopes[index] ?? 0) * weight) / exampleCount;
  }
  return gradient;
}

/** Softmax cross-entropy; its slope is the probability minus the (smoothed) one-hot label. */
function crossEntropy(
  logits: Float32Array,
  labels: Int32Array,
  { classCount, labelSmoothing }: { readonly classCount: number; readonly labelSmoothing: number },
): LossFigures {
  const { probabilities, losses } = softmaxCrossEntropy(logits, labels, classCount, labelSmoothing);
  const slopes = (): Float64Array => {
    const elsewhere = labelSmoothing / classCount;
    const slopeOf = Float64Array.from(probabilities).map((probability) => probability - elsewhere);
    for (const example of losses.keys()) {
      const position = example * classCount + (labels[example] ?? 0);
      slopeOf[position] = (slopeOf[position] ?? 0) - (1 - labelSmoothing);
    }
    return slopeOf;
  };
  return { probabilities, losses, slopes };
}

/** The network's outputs are probabilities already; the loss takes them for logits, as some published systems do. */
function crossEntropyOfProbabilities(labelSmoothing: number): LossFunction {
  return (probabilities, labels, classCount) => {
    const { losses, slopes } = crossEntropy(probabilities, labels, { classCount, labelSmoothing });
    return { probabilities, losses, slopes };
  };
}

/**
 * −y·ln p − (1 − y)·ln(1 − p) of the second class' probability p = sigmoid(logit), written so that nothing overflows;
 * y is 0 or 1, smoothed to y·(1 − s) + s / 2. The slope is p − y.
 * @returns probabilities of both classes, shape [examples, 2]
 * @see keras.losses.BinaryCrossentropy
 */
function binaryCrossEntropy(logits: Float32Array, labels: Int32Array, labelSmoothing: number): LossFigures {
  const probabilities = new Float32Array(2 * logits.length);
  const losses = new Float32Array(logits.length);
  const slopeOf = new Float64Array(logits.length);
  for (const [example, logit] of logits.entries()) {
    const label = (labels[example] ?? 0) * (1 - labelSmoothing) + labelSmoothing / 2;
    const probability = 1 / (1 + Math.exp(-logit));
    probabilities[2 * example] = 1 / (1 + Math.exp(logit));
    probabilities[2 * example + 1] = probability;
    losses[example] = Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
    slopeOf[example] = probability - label;
  }
  return { probabilities, losses, slopes: () => slopeOf };
}

/**
 * Mean over classes of (p − y)² of the probabilities p = softmax(logits) against the one-hot label y. Its slope by
 * logit j is pⱼ·(gⱼ − Σ gₖ·pₖ) with g = 2·(p − y) / classes.
 * @see keras.losses.MeanSquaredError behind a softmax
 */
function squaredError(logits: Float32Array, labels: Int32Array, classCount: number): LossFigures {
  const { probabilities, losses } = softmaxCrossEntropy(logits, labels, classCount);
  const errors = Float64Array.from(probabilities);
  for (const example of losses.keys()) {
    const position = example * classCount + (labels[example] ?? 0);
    errors[position] = (errors[position] ?? 0) - 1;
    const row = errors.subarray(example * classCount, (example + 1) * classCount);
    losses[example] = row.reduce((sum, error) => sum + error * error, 0) / classCount;
  }
  const slopes = (): Float64Array => {
    const gradient = errors.map((error) => (2 * error) / classCount);
    for (const example of losses.keys()) {
      const start = example * classCount;
      let mean = 0;
      for (let index = start; index < start + classCount; index++) {
        mean += (gradient[index] ?? 0) * (probabilities[index] ?? 0);
      }
      for (let index = start; index < start + classCount; index++) {
        gradient[index] = (probabilities[index] ?? 0) * ((gradient[index] ?? 0) - mean);
      }
    }
    return gradient;
  };
  return { probabilities, losses, slopes };
}
