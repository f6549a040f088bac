import { addN, clipByValue, div, maximum, minimum, mul, sqrt, square, sub, sum, add } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import type { GradientClipping } from "../../../src/spec/schema/optimizer.ts";

/**
 * Limits gradients as `clipGradients` of gradient-clipping.ts does, in TensorFlow operations alone: no norm passes through
 * JavaScript, so that it can be part of a graph. Sums are float32.
 */
export function limitGradients(gradients: NamedTensorMap, clipping: GradientClipping | undefined): NamedTensorMap {
  if (clipping === undefined) return gradients;
  const limit = limiterFor(Object.values(gradients), clipping);
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, limit(gradient)]));
}

function limiterFor(
  gradients: readonly Tensor[],
  { value, norm, globalNorm }: GradientClipping,
): (gradient: Tensor) => Tensor {
  if (value !== undefined) return (gradient) => clipByValue(gradient, -value, value);
  if (norm !== undefined) {
    return (gradient) => mul(gradient, div(norm, maximum(sqrt(sum(square(gradient))), norm)));
  }
  if (globalNorm === undefined) throw new Error("gradient clipping needs a limit");
  const total = sqrt(addN(gradients.map((gradient) => sum(square(gradient)))));
  const share = mul(globalNorm, minimum(div(1, total), 1 / globalNorm));
  // NaN if the norm is not finite, as in Keras.
  const scale = add(share, sub(total, total));
  return (gradient) => mul(gradient, scale);
}
