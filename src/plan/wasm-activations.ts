import { activationName } from "../spec/schema/activation.ts";
import type { PlannedLayer, PlannedModel } from "./plan.ts";
import { elementCount } from "./shape.ts";

const bytesPerNumber = 4;

/**
 * Gaps between the tensors of a step. Measured as the size of the heap after two or three steps of 14 trials of 8
 * architectures (0.02…134 million parameters; relu, tanh, dropout, both normalisations; batches of 8…3000, heaps of
 * 141…3,117 MiB): with it the estimate of the heap is 0.91…1.11 times the measured size. Of heaps below 60 MiB, most of
 * which is always there, it is up to 1.4 times.
 */
const gapFactor = 1.15;

/**
 * Copies that TensorFlow.js composes a normalisation of, gradients included; worked out from the heaps of a network with
 * four such layers.
 */
const normalisationCopies = { batchNormalization: 8, layerNormalization: 18 } as const;

/**
 * Bytes of the layer outputs that a training step holds on the embedded engine: those that the backward pass needs, and
 * their gradients, all of which TensorFlow.js keeps until the step is over.
 */
export function estimateWasmActivations({ inputShape, layers }: PlannedModel, batchSize: number): number {
  const numbers = layers.reduce(
    (sum, layer) => sum + countCopies(layer) * elementCount(layer.outputShape),
    elementCount(inputShape),
  );
  return gapFactor * bytesPerNumber * batchSize * numbers;
}

/** Copies of a layer's output; one of them is its gradient. */
function countCopies(planned: PlannedLayer): number {
  const { layer } = planned;
  switch (layer.type) {
    // The same memory in another shape.
    case "flatten":
      return 0;
    // The mask is kept.
    case "dropout":
    case "spatialDropout2d":
    case "gaussianNoise":
      return 3;
    case "batchNormalization":
    case "layerNormalization":
      return normalisationCopies[layer.type];
    case "conv2d":
    case "depthwiseConv2d":
    case "separableConv2d":
    case "dense":
      return countProductCopies(planned);
    default:
      return 2;
  }
}

/**
 * Copies of the output of a layer that multiplies: the product, the sum with the bias and what the activation makes of it,
 * then the gradients before and behind the activation. Some layers do all of it in the place of the product.
 */
function countProductCopies(planned: PlannedLayer): number {
  const { layer } = planned;
  const isActivated = "activation" in layer && activationName(layer.activation ?? "linear") !== "linear";
  if (isFinishedInPlace(planned)) return isActivated ? 3 : 2;
  const hasBias = "useBias" in layer && layer.useBias;
  return 2 + (hasBias ? 1 : 0) + (isActivated ? 2 : 0);
}

/** Whether the embedded engine adds bias and activation to the product where it lies. */
function isFinishedInPlace({ layer, inputShape }: PlannedLayer): boolean {
  if (layer.type !== "conv2d" && layer.type !== "dense") return false;
  const isPlain = layer.type === "conv2d" ? layer.dilationRate.every((rate) => rate === 1) : inputShape.length === 1;
  return isPlain && layer.useBias && (layer.activation === "relu" || layer.activation === "linear");
}
