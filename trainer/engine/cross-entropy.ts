/** Class probabilities and losses of some examples. */
export interface CrossEntropy {
  /** softmax(logits), shape [examples, classes]. */
  readonly probabilities: Float32Array;
  /** −ln of the true class' probability, shape [examples]; +Infinity or NaN only if a logit is. */
  readonly losses: Float32Array;
}

/**
 * Softmax and cross-entropy in one, computed from logits: the loss stays finite and exact where the probability of the
 * true class would round to 0. Computed in float64, so every engine that calls it gives the same bits.
 *
 * Sparse and one-hot (`categoricalCrossentropy`) labels mean the same here: the label is the class index.
 * @param logits shape [examples, classes], row-major
 * @param labels true class indices, shape [examples]; may be longer
 * @param classCount number of classes
 * @param labelSmoothing share s of the label that is spread evenly: the loss is then
 *   −Σ yₖ·ln pₖ with y = (1 − s)·one-hot + s / classes, as in Keras
 */
export function softmaxCrossEntropy(
  logits: Float32Array,
  labels: Int32Array,
  classCount: number,
  labelSmoothing = 0,
): CrossEntropy {
  const exampleCount = logits.length / classCount;
  const probabilities = new Float32Array(logits.length);
  const losses = new Float32Array(exampleCount);
  const exponentials = new Float64Array(classCount);
  for (let example = 0; example < exampleCount; example++) {
    const start = example * classCount;
    const row = logits.subarray(start, start + classCount);
    // Without the largest logit taken away, exp overflows from a logit of 710 on.
    const largest = row.reduce((most, logit) => Math.max(most, logit), -Infinity);
    let sum = 0;
    for (let index = 0; index < classCount; index++) {
      const exponential = Math.exp((row[index] ?? 0) - largest);
      exponentials[index] = exponential;
      sum += exponential;
    }
    for (let index = 0; index < classCount; index++) probabilities[start + index] = (exponentials[index] ?? 0) / sum;
    const labelled = row[labels[example] ?? 0] ?? 0;
    const wanted = labelSmoothing === 0 ? labelled : smooth(labelled, row, labelSmoothing);
    losses[example] = largest - wanted + Math.log(sum);
  }
  return { probabilities, losses };
}

/** The logits' mean, weighted by the smoothed label. */
function smooth(labelled: number, row: Float32Array, labelSmoothing: number): number {
  const mean = row.reduce((sum, logit) => sum + logit, 0) / row.length;
  return (1 - labelSmoothing) * labelled + labelSmoothing * mean;
}

/**
 * The most probable class of one example; the first one of equals.
 * @param scores probabilities or logits, shape [examples, classes]
 */
export function predictedClass(scores: Float32Array, classCount: number, example: number): number {
  const start = example * classCount;
  let best = 0;
  for (let index = 1; index < classCount; index++) {
    if ((scores[start + index] ?? 0) > (scores[start + best] ?? 0)) best = index;
  }
  return best;
}
