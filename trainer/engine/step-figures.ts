import { predictedClass, type CrossEntropy } from "./cross-entropy.ts";
import type { Batch, StepFigures } from "./engine.ts";

/** What a step's loss is made of besides the examples' losses. */
export interface LossRules {
  /** Weight of each class; absent = 1. */
  readonly classWeights?: Float64Array | undefined;
  /** What regularizers add. */
  readonly penalty: number;
}

/** Tells the weight of an example of a batch by its class; undefined = classes have no weights. */
export function exampleWeights(
  labels: Int32Array,
  classWeights: Float64Array | undefined,
): ((example: number) => number) | undefined {
  return classWeights && ((example) => classWeights[labels[example] ?? 0] ?? 1);
}

/** The figures of a step from what the loss says about its batch. */
export function stepFigures(
  { probabilities, losses }: CrossEntropy,
  { labels, size }: Pick<Batch, "labels" | "size">,
  { classWeights, penalty }: LossRules,
): StepFigures {
  const weightOf = exampleWeights(labels, classWeights) ?? (() => 1);
  const classCount = probabilities.length / size;
  let lossSum = 0;
  let correct = 0;
  for (let example = 0; example < size; example++) {
    lossSum += (losses[example] ?? 0) * weightOf(example);
    if (predictedClass(probabilities, classCount, example) === labels[example]) correct++;
  }
  return { loss: lossSum / size + penalty, correct, size };
}

/** Adds what regularizers cost to every example's loss, so that the mean is as in Keras. */
export function addPenalty({ probabilities, losses }: CrossEntropy, penalty: number): CrossEntropy {
  return { probabilities, losses: penalty === 0 ? losses : losses.map((loss) => loss + penalty) };
}
