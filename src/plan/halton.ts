import { permutation, randomPurposes, randomStream } from "./random.ts";

/** The first 50 primes: one base for each dimension. */
const primes = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
  113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229,
];

/** Which digit a digit becomes at a place behind the point (0 = the first). */
export type DigitMap = (digit: number, place: number) => number;

/**
 * The radical inverse: the digits of an index mirrored at the point, each mapped to another one.
 * Goes on until a digit is worth less than 2^-32, as digits that are 0 may be mapped as well.
 * @returns number in [0, 1)
 * @see Halton, On the efficiency of certain quasi-random sequences of points (1960)
 */
export function radicalInverse(base: number, index: number, map: DigitMap): number {
  let rest = index;
  let weight = 1 / base;
  let sum = 0;
  for (let place = 0; weight > 2 ** -33; place++) {
    sum += map(rest % base, place) * weight;
    rest = Math.floor(rest / base);
    weight /= base;
  }
  return Math.min(sum, 1 - 2 ** -33);
}

/**
 * The Halton sequence with a random permutation of the digits at each place, drawn from (seed, dimension, place).
 * @see Owen, A randomized Halton algorithm in R (2017)
 * @param dimension 0…49
 * @returns the number of the point at an index (from 0) in this dimension, in [0, 1)
 */
export function scrambledHalton(seed: number, dimension: number): (index: number) => number {
  const base = primes[dimension];
  if (base === undefined) throw new RangeError(`the Halton sequence has no dimension ${dimension} here`);
  const permutations: Uint32Array[] = [];
  const map: DigitMap = (digit, place) => {
    permutations[place] ??= permutation(base, randomStream(seed, randomPurposes.sweepScramble, dimension, place));
    return permutations[place]?.[digit] ?? digit;
  };
  return (index) => radicalInverse(base, index, map);
}
