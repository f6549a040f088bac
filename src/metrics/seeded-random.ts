/** Gives a number uniform in [0, 1) each time it is called. */
export type Random = () => number;

/**
 * A repeatable source of random numbers for resampling: the same seed, the same numbers on any machine.
 * @param seed used as an unsigned 32-bit integer
 * @see sfc32 of Chris Doty-Humphrey's PractRand, seeded and warmed up as there; 2^32 results each time
 */
export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [0, seed >>> 0, 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

/** A whole number 0…below − 1, each equally likely. */
export function randomBelow(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** Brings the items into a random order, in place (Fisher–Yates). */
export function shuffle<Item>(items: Item[], random: Random): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomBelow(random, last + 1);
    const [x, y] = [items[last], items[other]];
    if (x !== undefined && y !== undefined) [items[last], items[other]] = [y, x];
  }
  return items;
}
