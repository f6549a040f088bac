import type { ConfusionTable } from "./confusion-of.ts";

/** A class that was taken for another. */
export interface ConfusedPair {
  readonly trueClass: string;
  readonly predictedClass: string;
  /** How often, summed over the trials. */
  readonly count: number;
  /** Share of the true class's examples, 0…1. */
  readonly share: number;
}

/** The most frequent mistakes, the most frequent first; ties in the order of classes. */
export function topConfusedPairs({ counts, classNames, classes }: ConfusionTable, limit = 20): ConfusedPair[] {
  const nameOf = (index: number): string => classNames[index] ?? String(index);
  const pairs = counts.flatMap((row, trueIndex) =>
    row.flatMap((count, predictedIndex): ConfusedPair[] => {
      if (count === 0 || trueIndex === predictedIndex) return [];
      const share = count / (classes[trueIndex]?.support ?? count);
      return [{ trueClass: nameOf(trueIndex), predictedClass: nameOf(predictedIndex), count, share }];
    }),
  );
  return pairs.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, limit);
}
