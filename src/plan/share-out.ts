/**
 * Shares a total out in proportion to some sizes by largest remainder; of equal remainders, the first ones get more.
 * @param total at most the sum of the sizes
 * @returns whole numbers that add up to the total, none above its size, one per size
 */
export function shareOut(total: number, sizes: readonly number[]): readonly number[] {
  const sum = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (sum === 0 ? 0 : (total * size) / sum));
  const shares = exact.map(Math.floor);
  const rest = total - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = [...sizes.keys()].sort((a, b) => remainder(exact, b) - remainder(exact, a) || a - b);
  for (const index of byRemainder.slice(0, rest)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}

function remainder(exact: readonly number[], index: number): number {
  const value = exact[index] ?? 0;
  return value - Math.floor(value);
}
