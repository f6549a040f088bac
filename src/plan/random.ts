/**
 * Counter-based random numbers: the value at a position depends on nothing but (key, position), so any part of a
 * stream can be drawn again after a resume, in any order, on any machine.
 * Each word is the splitmix64 finaliser's 32-bit relative `lowbias32` applied twice to a keyed counter.
 */
export interface RandomStream {
  /** The 32-bit word at `position` (0 ≤ position < 2^32). */
  wordAt(position: number): number;
  /** A number uniform in [0, 1), 24 bits, at `position`. */
  uniformAt(position: number): number;
}

/** `lowbias32` by Chris Wellons: a 32-bit bijective mixer with low bias. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/**
 * The stream named by a key.
 * @param key what the numbers are for, most significant first, e.g. (seed, "dropout" as a number, layer, step);
 *   each part is used as an unsigned 32-bit integer
 */
export function randomStream(...key: readonly number[]): RandomStream {
  let first = 0x9e3779b9;
  let second = 0x85ebca6b;
  for (const part of key) {
    first = mix(first ^ (part >>> 0));
    second = mix((second + Math.imul(part >>> 0, 0x9e3779b1)) ^ first);
  }
  const wordAt = (position: number): number => mix(mix((position ^ first) | 0) + second) >>> 0;
  return { wordAt, uniformAt: (position) => (wordAt(position) >>> 8) / 0x1000000 };
}

/** Which purpose a stream serves; the second part of every key, so that purposes never share numbers. */
export const randomPurposes = {
  epochOrder: 1,
  initialWeights: 2,
  dropout: 3,
  subset: 20,
  validation: 21,
  augmentation: 22,
  gaussianNoise: 30,
  sweepDraw: 40,
  sweepScramble: 41,
  shownExamples: 50,
  simulation: 60,
} as const;

/**
 * A uniform random permutation of 0…count-1 (Fisher–Yates); scaling words to indexes favours none by more than
 * count / 2^32.
 * @param stream where the randomness comes from; positions 0…count-2 are used
 */
export function permutation(count: number, stream: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor((stream.wordAt(count - 1 - last) / 0x1_0000_0000) * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
