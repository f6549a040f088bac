import { shortestFloat32 } from "../src/encoding/shortest-float32.ts";
import { setImmediate as nextTurn } from "node:timers/promises";
import { cohensKappa } from "../src/metrics/agreement.ts";
import { classFigures, macroAverage, weightedAverage } from "../src/metrics/class-figures.ts";
import { confusionMatrix } from "../src/metrics/confusion-matrix.ts";
import {
  brierScore,
  expectedCalibrationError,
  logLoss,
  squaredError,
  topKAccuracies,
  trueClassRank,
} from "../src/metrics/probability-figures.ts";
import type { ConfusionDocument, LossAndAccuracy, TestFigures } from "../src/record/trial-record.ts";
import { maxTopK } from "../src/spec/max-top-k.ts";
import type { Batches } from "./data/batches.ts";
import { predictedClass } from "./engine/cross-entropy.ts";
import type { Predictor } from "./engine/engine.ts";

/** What a model says about some examples, in their order. */
export interface ExamplePredictions {
  /** True class indices, shape [examples]. */
  readonly labels: Int32Array;
  /** Predicted class indices, shape [examples]. */
  readonly predicted: Int32Array;
  /** Probability of the predicted class, shape [examples]. */
  readonly probabilities: Float32Array;
  /** Cross-entropy, shape [examples]. */
  readonly losses: Float32Array;
  /** Probability of the true class, shape [examples]. */
  readonly trueProbabilities: Float32Array;
  /** How many classes are more probable than the true one, shape [examples]. */
  readonly ranks: Int32Array;
  /** Σ over classes (probability − truth)², shape [examples]. */
  readonly squaredErrors: Float64Array;
}

/** Everything about a tested model that goes into its record. */
export interface TestOutcome {
  readonly figures: TestFigures;
  readonly confusion: ConfusionDocument;
  /** Text of `predictions.csv`. */
  readonly predictions: string;
}

/**
 * Predicts all examples, letting other work of the process go on between batches.
 * @param stop aborted = leave off after the batch in hand
 * @returns undefined if it was stopped
 */
export async function predictExamples(
  predictor: Predictor,
  batches: Batches,
  stop: AbortSignal,
): Promise<ExamplePredictions | undefined> {
  const count = batches.exampleCount;
  const all = {
    labels: new Int32Array(count),
    predicted: new Int32Array(count),
    probabilities: new Float32Array(count),
    losses: new Float32Array(count),
    trueProbabilities: new Float32Array(count),
    ranks: new Int32Array(count),
    squaredErrors: new Float64Array(count),
  };
  let done = 0;
  for (let index = 0; index < batches.count; index++) {
    await nextTurn();
    if (stop.aborted) return undefined;
    const batch = await batches.assemble(index);
    const { probabilities, losses } = predictor.predict(batch);
    const classCount = probabilities.length / batch.size;
    for (let row = 0; row < batch.size; row++, done++) {
      const label = batch.labels[row] ?? 0;
      const predicted = predictedClass(probabilities, classCount, row);
      const own = probabilities.subarray(row * classCount, (row + 1) * classCount);
      all.labels[done] = label;
      all.predicted[done] = predicted;
      all.probabilities[done] = own[predicted] ?? 0;
      all.losses[done] = losses[row] ?? 0;
      all.trueProbabilities[done] = own[label] ?? 0;
      all.ranks[done] = trueClassRank(own, label);
      all.squaredErrors[done] = squaredError(own, label);
    }
  }
  return all;
}

/** Mean loss, and fraction of the examples classified right; at least one example. */
export function lossAndAccuracy({ labels, predicted, losses }: ExamplePredictions): LossAndAccuracy {
  let loss = 0;
  let correct = 0;
  for (const [example, label] of labels.entries()) {
    loss += losses[example] ?? 0;
    if (predicted[example] === label) correct++;
  }
  return { loss: loss / labels.length, accuracy: correct / labels.length };
}

/** What is recorded of a model's predictions of the test examples. @param classNames one per class */
export function describeTest(predictions: ExamplePredictions, classNames: readonly string[]): TestOutcome {
  const counts = confusionMatrix(predictions.labels, predictions.predicted, classNames.length);
  const classes = classFigures(counts);
  return {
    figures: {
      ...lossAndAccuracy(predictions),
      macroF1: macroAverage(classes).f1,
      weightedF1: weightedAverage(classes).f1,
      cohensKappa: cohensKappa(counts),
      ...probabilityFigures(predictions, classNames.length),
    },
    confusion: { schemaVersion: 1, classNames, counts, classes },
    predictions: formatPredictions(predictions),
  };
}

function probabilityFigures(predictions: ExamplePredictions, classCount: number): Partial<TestFigures> {
  const { ranks, probabilities, trueProbabilities, squaredErrors } = predictions;
  return {
    logLoss: logLoss(trueProbabilities),
    brierScore: brierScore(squaredErrors),
    expectedCalibrationError: expectedCalibrationError(probabilities, (example) => ranks[example] === 0),
    topKAccuracies: topKAccuracies(ranks, Math.min(maxTopK, classCount - 1)),
  };
}

function formatPredictions({ labels, predicted, probabilities }: ExamplePredictions): string {
  const lines = Array.from(labels, (label, example) =>
    [example, label, predicted[example], shortestFloat32(probabilities[example] ?? 0)].join(","),
  );
  return ["example,label,predicted,probability", ...lines, ""].join("\n");
}
