import { add, cast, mul, oneHot, reshape, sigmoid, softmax, sub, sum, type Tensor } from "@tensorflow/tfjs-core";
import type { Loss } from "../../../src/spec/schema/training.ts";
import { dataTypes } from "./graph-def.ts";
import type { NativeBackend } from "./native-backend.ts";

/**
 * The derivative of each example's loss by the network's outputs, shape [examples, outputs], in TensorFlow operations:
 * what `LossFigures.slopes` of loss-function.ts computes in JavaScript.
 * @param outputs what the network gives before its final softmax or sigmoid, shape [examples, outputs]
 * @param labels true class indices, shape [examples]
 */
export function lossGradient(backend: NativeBackend, loss: Loss, outputs: Tensor, labels: Tensor): Tensor {
  const { labelSmoothing = 0 } = loss;
  switch (loss.type) {
    case "sparseCategoricalCrossentropy":
    case "categoricalCrossentropy":
      if (labelSmoothing === 0) return crossEntropyGradient(backend, outputs, { classIndices: labels });
      return crossEntropyGradient(backend, outputs, { targets: smoothTargets(outputs, labels, labelSmoothing) });
    case "binaryCrossentropy": {
      const wanted = reshape(cast(labels, "float32"), outputs.shape);
      return sub(sigmoid(outputs), labelSmoothing === 0 ? wanted : smooth(wanted, labelSmoothing, 2));
    }
    case "meanSquaredError":
      return squaredErrorGradient(outputs, labels);
    default:
      return loss.type satisfies never;
  }
}

/** One-hot labels, a share of which is spread evenly over all classes. */
function smoothTargets({ shape }: Tensor, labels: Tensor, labelSmoothing: number): Tensor {
  const classCount = shape.at(-1) ?? 1;
  return smooth(oneHot(labels, classCount, 1, 0, "float32"), labelSmoothing, classCount);
}

function smooth(targets: Tensor, labelSmoothing: number, classCount: number): Tensor {
  return add(mul(targets, 1 - labelSmoothing), labelSmoothing / classCount);
}

/** Softmax, cross-entropy and its gradient in one operation. */
function crossEntropyGradient(
  backend: NativeBackend,
  outputs: Tensor,
  wanted: { readonly classIndices: Tensor } | { readonly targets: Tensor },
): Tensor {
  const type = backend.binding.TF_ATTR_TYPE;
  const ofOutputs = { name: "T", type, value: dataTypes.float32 };
  const ofLabels = { name: "Tlabels", type, value: dataTypes.int32 };
  const [operation, attributes, labels] =
    "targets" in wanted
      ? (["SoftmaxCrossEntropyWithLogits", [ofOutputs], wanted.targets] as const)
      : (["SparseSoftmaxCrossEntropyWithLogits", [ofOutputs, ofLabels], wanted.classIndices] as const);
  const [losses, gradient] = backend.executeMultipleOutputs(operation, [...attributes], [outputs, labels], 2);
  if (losses === undefined || gradient === undefined) throw new Error(`${operation} gave no gradient`);
  losses.dispose();
  return gradient;
}

/** pⱼ·(gⱼ − Σ gₖ·pₖ) with g = 2·(p − y) / classes, p = softmax(outputs) and y the one-hot labels. */
function squaredErrorGradient(outputs: Tensor, labels: Tensor): Tensor {
  const classCount = outputs.shape.at(-1) ?? 1;
  const probabilities = softmax(outputs);
  const errors = sub(probabilities, oneHot(labels, classCount, 1, 0, "float32"));
  const slopes = mul(errors, 2 / classCount);
  return mul(probabilities, sub(slopes, sum(mul(slopes, probabilities), -1, true)));
}
