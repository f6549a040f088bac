import { askTree, growTree, type Feature, type TreeNode } from "./regression-tree.ts";
import { mean, sampleStandardDeviation } from "./sample-statistics.ts";
import { randomBelow, shuffle, type Random } from "./seeded-random.ts";

/** How much a target depends on each of several features, according to a forest. */
export interface ForestImportance {
  /** One per feature, in their order. */
  readonly features: readonly {
    /** By how much R² falls when the feature's values are shuffled, mean over the trees; about 0 = does not matter. */
    readonly drop: number;
    /** Standard deviation of it over the trees. */
    readonly sd: number;
  }[];
  /** R² of the forest on rows that its trees haven't seen, ≤ 1: how much of the target it explains at all. */
  readonly explained: number;
}

const treeCount = 50;

/**
 * Permutation importance on a random forest of 50 trees: what is lost, on the rows that a tree hasn't learned from,
 * when one feature is shuffled. Counts interactions for all features that take part in them.
 * @param features each with one value per row
 * @param target shape [rows], not constant
 * @param random where resamples and shuffles come from
 * @see Breiman (2001), Random Forests, section 10; as sklearn.inspection.permutation_importance, but out of bag
 */
export function permutationImportance(
  features: readonly Feature[],
  target: ArrayLike<number>,
  random: Random,
): ForestImportance {
  const rows = Array.from({ length: target.length }, (_, row) => row);
  const center = mean(target);
  const variance = mean(rows.map((row) => ((target[row] ?? 0) - center) ** 2));
  const drops: number[][] = features.map(() => []);
  const sums = new Float64Array(rows.length);
  const votes = new Uint32Array(rows.length);
  for (let index = 0; index < treeCount; index++) {
    const drawn = rows.map(() => randomBelow(random, rows.length));
    const unseen = withoutRows(rows, drawn);
    if (unseen.length === 0) continue;
    const tree = growTree(features, target, drawn);
    const own = unseen.map((row) => askTree(tree, (feature) => valueAt(features, feature, row)));
    for (const [position, row] of unseen.entries()) {
      sums[row] = (sums[row] ?? 0) + (own[position] ?? 0);
      votes[row] = (votes[row] ?? 0) + 1;
    }
    const error = meanSquare(unseen, own, target);
    for (const [feature, list] of drops.entries()) {
      const shuffled = shuffledAnswers(tree, features, feature, unseen, random);
      list.push((meanSquare(unseen, shuffled, target) - error) / variance);
    }
  }
  const seen = rows.filter((row) => (votes[row] ?? 0) > 0);
  const answers = seen.map((row) => (sums[row] ?? 0) / (votes[row] ?? 1));
  return {
    features: drops.map((list) => ({ drop: mean(list), sd: sampleStandardDeviation(list) })),
    explained: 1 - meanSquare(seen, answers, target) / variance,
  };
}

function withoutRows(rows: readonly number[], drawn: readonly number[]): number[] {
  const seen = new Set(drawn);
  return rows.filter((row) => !seen.has(row));
}

function shuffledAnswers(
  tree: TreeNode,
  features: readonly Feature[],
  shuffled: number,
  rows: readonly number[],
  random: Random,
): number[] {
  const sources = shuffle([...rows], random);
  return rows.map((row, position) =>
    askTree(tree, (feature) => valueAt(features, feature, feature === shuffled ? (sources[position] ?? row) : row)),
  );
}

function valueAt(features: readonly Feature[], feature: number, row: number): number {
  return features[feature]?.values[row] ?? Number.NaN;
}

function meanSquare(rows: readonly number[], answers: readonly number[], target: ArrayLike<number>): number {
  return mean(rows.map((row, position) => ((target[row] ?? 0) - (answers[position] ?? 0)) ** 2));
}
