import { confusionTotals, type ConfusionMatrix } from "./confusion-matrix.ts";

/** How one class did, counted one against the rest. */
export interface ClassFigures {
  /** Examples of the class that were predicted as it. */
  readonly truePositives: number;
  /** Examples of other classes that were predicted as it. */
  readonly falsePositives: number;
  /** Examples of the class that were predicted as another. */
  readonly falseNegatives: number;
  /** Examples of other classes that were predicted as others. */
  readonly trueNegatives: number;
  /** TP / (TP + FP), 0…1; 0 if the class was never predicted. */
  readonly precision: number;
  /** TP / (TP + FN), 0…1; 0 if there is no example of the class. */
  readonly recall: number;
  /** 2 TP / (2 TP + FP + FN), 0…1; 0 if the class neither occurs nor was predicted. */
  readonly f1: number;
}

/** Precision, recall and F1 over all classes, each 0…1. */
export interface AverageFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * Counts and ratios of every class against the rest. A ratio with an empty denominator is 0.
 * @param matrix counts, shape [classes, classes], row = true, column = predicted
 * @returns one entry per class, shape [classes]
 * @throws RangeError if the matrix isn't square
 * @see sklearn.metrics.precision_recall_fscore_support with `labels=range(classes), zero_division=0`
 */
export function classFigures(matrix: ConfusionMatrix): ClassFigures[] {
  const { trueCounts, predictedCounts, rightCounts, exampleCount } = confusionTotals(matrix);
  return rightCounts.map((truePositives, index) => {
    const falsePositives = (predictedCounts[index] ?? 0) - truePositives;
    const falseNegatives = (trueCounts[index] ?? 0) - truePositives;
    return {
      truePositives,
      falsePositives,
      falseNegatives,
      trueNegatives: exampleCount - truePositives - falsePositives - falseNegatives,
      precision: ratio(truePositives, truePositives + falsePositives),
      recall: ratio(truePositives, truePositives + falseNegatives),
      // One division of whole numbers: equal counts give equal bits, which 2PR / (P + R) doesn't promise.
      f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    };
  });
}

/**
 * Mean over the classes, each with the same weight, classes without examples included.
 * @param figures one entry per class, shape [classes], at least one
 * @throws RangeError if there is no class
 * @see sklearn.metrics.precision_recall_fscore_support with `labels=range(classes), average="macro"`
 */
export function macroAverage(figures: readonly ClassFigures[]): AverageFigures {
  return average(figures, () => 1);
}

/**
 * Mean over the classes, each weighted by its number of examples; all 0 if there is no example.
 * @param figures one entry per class, shape [classes], at least one
 * @throws RangeError if there is no class
 * @see sklearn.metrics.precision_recall_fscore_support with `labels=range(classes), average="weighted"`
 */
export function weightedAverage(figures: readonly ClassFigures[]): AverageFigures {
  return average(figures, ({ truePositives, falseNegatives }) => truePositives + falseNegatives);
}

function average(figures: readonly ClassFigures[], weightOf: (figures: ClassFigures) => number): AverageFigures {
  if (figures.length === 0) throw new RangeError("there is no class to average over");
  const weights = figures.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (key: keyof AverageFigures): number =>
    ratio(
      figures.reduce((sum, entry, index) => sum + entry[key] * (weights[index] ?? 0), 0),
      total,
    );
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
