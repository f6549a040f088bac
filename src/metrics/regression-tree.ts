/** A quantity that a target may depend on. */
export interface Feature {
  /** One per row. Names are numbers 0, 1, … that only say which are equal; NaN = the row has no value. */
  readonly values: ArrayLike<number>;
  readonly kind: "number" | "name";
}

/** A node asks a question or answers with a mean. */
export type TreeNode =
  | { readonly mean: number }
  | {
      readonly feature: number;
      readonly goesLeft: (value: number) => boolean;
      readonly left: TreeNode;
      readonly right: TreeNode;
    };

/** Leaves of fewer rows than this would learn the noise. */
const smallestLeaf = 3;

/**
 * A regression tree: splits rows so that the target's squared deviations from the mean of each side become smallest,
 * until sides have fewer than three rows or nothing is gained.
 * @param target shape [rows]
 * @param rows the rows that are learned from; a row may occur more than once
 * @see Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, chapters 8 and 9.4 (names in the
 *   order of their mean target)
 */
export function growTree(features: readonly Feature[], target: ArrayLike<number>, rows: readonly number[]): TreeNode {
  const split = rows.length < 2 * smallestLeaf ? undefined : bestSplit(features, target, rows);
  if (split === undefined) return { mean: meanOf(target, rows) };
  const { feature, goesLeft } = split;
  const values = features[feature]?.values ?? [];
  const left = rows.filter((row) => goesLeft(values[row] ?? Number.NaN));
  const right = rows.filter((row) => !goesLeft(values[row] ?? Number.NaN));
  return {
    feature,
    goesLeft,
    left: growTree(features, target, left),
    right: growTree(features, target, right),
  };
}

/** What a tree says about a row. @param valueOf the row's value of a feature, by the feature's number */
export function askTree(tree: TreeNode, valueOf: (feature: number) => number): number {
  let node = tree;
  while (!("mean" in node)) node = node.goesLeft(valueOf(node.feature)) ? node.left : node.right;
  return node.mean;
}

interface Split {
  readonly feature: number;
  readonly goesLeft: (value: number) => boolean;
  /** By how much the squared deviations become smaller. */
  readonly gain: number;
}

function bestSplit(
  features: readonly Feature[],
  target: ArrayLike<number>,
  rows: readonly number[],
): Split | undefined {
  let best: Split | undefined;
  for (const [index, feature] of features.entries()) {
    const split = splitBy(feature, index, target, rows);
    if (split !== undefined && split.gain > (best?.gain ?? 0)) best = split;
  }
  return best;
}

/** The best place to cut the rows in two, once they are in the order of a feature. */
function splitBy(
  { values, kind }: Feature,
  feature: number,
  target: ArrayLike<number>,
  rows: readonly number[],
): Split | undefined {
  const positionOf = kind === "name" ? namesByTarget(values, target, rows) : identity;
  const center = meanOf(target, rows);
  const groups = new Map<number, { key: number; count: number; sum: number }>();
  let squares = 0;
  for (const row of rows) {
    const key = positionOf(values[row] ?? Number.NaN);
    const deviation = (target[row] ?? 0) - center;
    squares += deviation ** 2;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, count: 1, sum: deviation });
    else {
      group.count++;
      group.sum += deviation;
    }
  }
  // Rows with equal values stay together: a grid has few values, and few places to cut at.
  const order = [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  let best: { readonly cut: number; readonly gain: number } | undefined;
  let [count, sum] = [0, 0];
  for (const [index, group] of order.entries()) {
    count += group.count;
    sum += group.sum;
    const next = order[index + 1];
    if (next === undefined || count < smallestLeaf || rows.length - count < smallestLeaf) continue;
    // Deviations from the mean: their sum over the right side is that over the left one with the other sign.
    const gain = sum ** 2 / count + sum ** 2 / (rows.length - count);
    const cut = group.key === -Infinity ? group.key : (group.key + next.key) / 2;
    if (gain > (best?.gain ?? 1e-12 * squares)) best = { cut, gain };
  }
  if (best === undefined) return undefined;
  const { cut, gain } = best;
  return { feature, gain, goesLeft: (value) => positionOf(value) <= cut };
}

/** Rows without a value come before all others. */
function identity(value: number): number {
  return Number.isNaN(value) ? -Infinity : value;
}

function namesByTarget(values: ArrayLike<number>, target: ArrayLike<number>, rows: readonly number[]) {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const name = identity(values[row] ?? Number.NaN);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const means = [...groups].map(([name, group]) => ({ name, mean: meanOf(target, group) }));
  const order = new Map(means.sort((a, b) => a.mean - b.mean || a.name - b.name).map(({ name }, rank) => [name, rank]));
  // A name that the tree has not seen goes to the middle.
  return (value: number): number => order.get(identity(value)) ?? (order.size - 1) / 2;
}

function meanOf(target: ArrayLike<number>, rows: readonly number[]): number {
  let sum = 0;
  for (const row of rows) sum += target[row] ?? 0;
  return sum / rows.length;
}
