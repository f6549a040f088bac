import { confusionTotals, type ConfusionMatrix } from "./confusion-matrix.ts";

/**
 * Fraction of the examples that were classified right, 0…1; 0 without examples.
 * @param matrix counts, shape [classes, classes], row = true, column = predicted
 * @throws RangeError if the matrix isn't square
 * @see sklearn.metrics.accuracy_score
 */
export function accuracy(matrix: ConfusionMatrix): number {
  const { rightCounts, exampleCount } = confusionTotals(matrix);
  return exampleCount === 0 ? 0 : sum(rightCounts) / exampleCount;
}

/**
 * Cohen's kappa: agreement of labels and predictions beyond what chance gives, -1…1 (1 = all right, 0 = chance).
 * 0 where it is undefined: without examples, or if only one class was both there and predicted.
 * @param matrix counts, shape [classes, classes], row = true, column = predicted
 * @throws RangeError if the matrix isn't square
 * @see sklearn.metrics.cohen_kappa_score (which gives NaN where kappa is undefined)
 */
export function cohensKappa(matrix: ConfusionMatrix): number {
  const { trueCounts, predictedCounts, rightCounts, exampleCount } = confusionTotals(matrix);
  // In counts, not fractions: sums of whole numbers are exact, so the undefined case is found exactly.
  const byChance = sum(trueCounts.map((count, index) => count * (predictedCounts[index] ?? 0)));
  const beyondChance = exampleCount ** 2 - byChance;
  return beyondChance === 0 ? 0 : (exampleCount * sum(rightCounts) - byChance) / beyondChance;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
