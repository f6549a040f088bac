/** What speaks for and against one of several choices. */
export interface Tradeoff {
  /** The higher the better. */
  readonly gain: number;
  /** The lower the better. */
  readonly cost: number;
}

/**
 * The choices that no other one beats: none has at least the gain at no higher cost, and one of the two better.
 * Equal choices are on the front together.
 * @param choices shape [n], any order
 * @returns positions in `choices`, cheapest first; those of equal cost and gain in their own order
 */
export function paretoFront(choices: readonly Tradeoff[]): number[] {
  const order = choices
    .map((choice, index) => ({ ...choice, index }))
    .sort((a, b) => a.cost - b.cost || b.gain - a.gain || a.index - b.index);
  let bestGain = -Infinity;
  let costOfBest = Number.NaN;
  return order.flatMap(({ gain, cost, index }) => {
    const isEqualToBest = gain === bestGain && cost === costOfBest;
    if (!(gain > bestGain) && !isEqualToBest) return [];
    [bestGain, costOfBest] = [gain, cost];
    return [index];
  });
}
