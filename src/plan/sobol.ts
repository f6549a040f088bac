import { randomPurposes, randomStream } from "./random.ts";

/**
 * Primitive polynomials and initial direction numbers of dimensions 2…21: [a, m_1 … m_s], where s is the degree and
 * the bits of a are the inner coefficients.
 * @see Joe and Kuo, Constructing Sobol sequences with better two-dimensional projections (2008), new-joe-kuo-6.21201
 */
const initialNumbers: readonly (readonly [a: number, ...m: number[]])[] = [
  [0, 1],
  [1, 1, 3],
  [1, 1, 3, 1],
  [2, 1, 1, 1],
  [1, 1, 1, 3, 3],
  [4, 1, 3, 5, 13],
  [2, 1, 1, 5, 5, 17],
  [4, 1, 1, 5, 5, 5],
  [7, 1, 1, 7, 11, 19],
  [11, 1, 1, 5, 1, 1],
  [13, 1, 1, 1, 3, 11],
  [14, 1, 3, 5, 5, 31],
  [1, 1, 3, 3, 9, 7, 49],
  [13, 1, 1, 1, 15, 21, 21],
  [16, 1, 3, 1, 13, 27, 49],
  [19, 1, 1, 1, 15, 7, 5],
  [22, 1, 3, 1, 15, 13, 25],
  [25, 1, 1, 5, 5, 19, 61],
  [1, 1, 3, 7, 11, 23, 15, 103],
  [4, 1, 3, 7, 13, 13, 15, 69],
];

const bits = 32;

/**
 * The Sobol sequence in the order of the Gray code, without scrambling.
 * @param dimension 0…20
 * @returns the point at an index (0 ≤ index < 2^32) in this dimension as a 32-bit fraction
 */
export function sobolSequence(dimension: number): (index: number) => number {
  const directions = directionNumbers(dimension);
  return (index) => {
    let word = 0;
    for (let gray = (index ^ (index >>> 1)) >>> 0, bit = 0; gray !== 0; gray >>>= 1, bit++)
      if (gray & 1) word ^= directions[bit] ?? 0;
    return word >>> 0;
  };
}

/**
 * The Sobol sequence with a random digital shift drawn from (seed, dimension): as even as the sequence itself.
 * @returns the number of the point at an index in this dimension, in [0, 1)
 */
export function shiftedSobol(seed: number, dimension: number): (index: number) => number {
  const sequence = sobolSequence(dimension);
  const shift = randomStream(seed, randomPurposes.sweepScramble, dimension).wordAt(0);
  return (index) => ((sequence(index) ^ shift) >>> 0) / 2 ** bits;
}

/** v_k as 32-bit fractions; m_k = 2 a_1 m_(k-1) ^ … ^ 2^s m_(k-s) ^ m_(k-s). */
function directionNumbers(dimension: number): Uint32Array {
  const directions = new Uint32Array(bits);
  if (dimension === 0) return directions.map((_, bit) => 2 ** (bits - 1 - bit));
  const [a, ...initial] = initialNumbers[dimension - 1] ?? [0];
  const degree = initial.length;
  if (degree === 0) throw new RangeError(`the Sobol sequence has no dimension ${dimension} here`);
  for (let bit = 0; bit < bits; bit++) {
    if (bit < degree) directions[bit] = (initial[bit] ?? 0) << (bits - 1 - bit);
    else {
      const oldest = directions[bit - degree] ?? 0;
      let word = oldest ^ (oldest >>> degree);
      for (let term = 1; term < degree; term++)
        if ((a >>> (degree - 1 - term)) & 1) word ^= directions[bit - term] ?? 0;
      directions[bit] = word;
    }
  }
  return directions;
}
