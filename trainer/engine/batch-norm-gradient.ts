import * as tf from "@tensorflow/tfjs-core";

/**
 * Replaces the gradient of batch normalisation over the last axis by one without `tile`: the stock one copies mean and
 * variance to the shape of the input several times. Other shapes keep the stock one.
 */
export function replaceBatchNormGradient(): void {
  const stock = tf.getGradient(tf.FusedBatchNorm);
  tf.unregisterGradient(tf.FusedBatchNorm);
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const [x, mean, variance, scale] = saved;
      const epsilon = attrs["varianceEpsilon"];
      const isPlain = x !== undefined && mean?.rank === 1 && variance?.rank === 1 && scale?.rank === 1 && x.rank > 1;
      if (!isPlain || Array.isArray(dy) || typeof epsilon !== "number") return stock.gradFunc(dy, saved, attrs);
      return gradientsOf(dy, { x, mean, variance, scale, epsilon });
    },
  });
}

interface Normalisation {
  /** Shape […, channels]. */
  readonly x: tf.Tensor;
  /** Shape [channels], as are variance and scale. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly scale: tf.Tensor;
  readonly epsilon: number;
}

/** Gradients of scale · (x - mean) / √(variance + epsilon) + offset. */
function gradientsOf(
  dy: tf.Tensor,
  { x, mean, variance, scale, epsilon }: Normalisation,
): Record<string, () => tf.Tensor> {
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
  const slope = tf.mul(scale, inverseDeviation);
  const sum = tf.sum(dy, axes);
  const weightedSum = tf.sum(tf.mul(dy, tf.sub(x, mean)), axes);
  return {
    x: () => tf.mul(dy, slope),
    mean: () => tf.neg(tf.mul(sum, slope)),
    variance: () => tf.mul(tf.mul(tf.square(inverseDeviation), -0.5), tf.mul(slope, weightedSum)),
    scale: () => tf.mul(weightedSum, inverseDeviation),
    offset: () => sum,
  };
}
