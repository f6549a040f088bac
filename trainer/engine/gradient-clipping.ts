import { maximum, minimum, mul, square, sum, tidy } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import type { GradientClipping } from "../../src/spec/schema/optimizer.ts";

/**
 * Limits gradients as Keras does and frees the given ones:
 * - value: every entry to −value…value
 * - norm: each gradient times norm / max(‖g‖, norm)
 * - globalNorm: all times globalNorm·min(1 / n, 1 / globalNorm), where n is the norm of all entries together; NaN if n
 *   is not finite
 * @param gradients by the names of their weights
 * @see keras.optimizers.Optimizer: clipvalue, clipnorm, global_clipnorm
 */
export function clipGradients(gradients: NamedTensorMap, clipping: GradientClipping | undefined): NamedTensorMap {
  if (clipping === undefined) return gradients;
  const clip = clipperFor(gradients, clipping);
  const clipped = Object.entries(gradients).map(([name, gradient]) => {
    const result = tidy(() => clip(gradient));
    gradient.dispose();
    return [name, result] as const;
  });
  return Object.fromEntries(clipped);
}

function clipperFor(
  gradients: NamedTensorMap,
  { value, norm, globalNorm }: GradientClipping,
): (gradient: Tensor) => Tensor {
  // Not clipByValue: on the embedded engine it makes a number of one that is none.
  if (value !== undefined) return (gradient) => minimum(maximum(gradient, -value), value);
  if (norm !== undefined) return (gradient) => mul(gradient, norm / Math.max(Math.sqrt(squaredNorm(gradient)), norm));
  if (globalNorm === undefined) throw new Error("gradient clipping needs a limit");
  const total = Math.sqrt(Object.values(gradients).reduce((all, gradient) => all + squaredNorm(gradient), 0));
  const scale = globalNorm * Math.min(1 / total, 1 / globalNorm) + (total - total);
  return (gradient) => mul(gradient, scale);
}

/** Σ g². Row by row, and the rows' sums in float64: a float32 sum of millions of squares would lose digits. */
function squaredNorm(gradient: Tensor): number {
  const rowSums = tidy(() => sum(square(gradient), -1).dataSync<"float32">());
  return rowSums.reduce((all, rowSum) => all + rowSum, 0);
}
