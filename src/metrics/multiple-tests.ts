/**
 * p values adjusted for the number of tests so that the chance of any false discovery stays at the level (Holm).
 * @param values shape [tests], each 0…1, any order
 * @returns shape [tests], each ≥ its p value and ≤ 1: below the level = discovered
 * @see statsmodels.stats.multitest.multipletests with `method="holm"`; Holm (1979), Scandinavian Journal of Statistics 6
 */
export function holm(values: readonly number[]): number[] {
  const count = values.length;
  const adjusted = new Float64Array(count);
  let largest = 0;
  ascending(values).forEach((position, rank) => {
    largest = Math.max(largest, Math.min(1, (count - rank) * (values[position] ?? 1)));
    adjusted[position] = largest;
  });
  return [...adjusted];
}

/**
 * p values adjusted so that of those below the level, at most that share is false on average (false discovery rate).
 * @param values shape [tests], each 0…1, any order
 * @returns shape [tests], each ≥ its p value and ≤ 1
 * @see scipy.stats.false_discovery_control; Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57
 */
export function benjaminiHochberg(values: readonly number[]): number[] {
  const count = values.length;
  const adjusted = new Float64Array(count);
  let smallest = 1;
  for (const [fromEnd, position] of ascending(values).reverse().entries()) {
    smallest = Math.min(smallest, (count / (count - fromEnd)) * (values[position] ?? 1));
    adjusted[position] = smallest;
  }
  return [...adjusted];
}

/** Positions, those of small values first. */
function ascending(values: readonly number[]): number[] {
  return values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}
