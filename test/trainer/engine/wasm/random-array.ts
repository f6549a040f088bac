/** An array of float64 with a shape, row-major. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Numbers 0 ≤ x < 1 that depend on the seed only (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers between -1 and 1 that float32 holds exactly. */
export function randomArray(shape: readonly number[], seed: number): Array64 {
  const next = randomNumbers(seed);
  return arrayOf(shape, () => Math.fround(2 * next() - 1));
}

/** Different numbers in random order, at least 1/64 apart: no step of a finite difference changes which is the largest. */
export function distinctArray(shape: readonly number[], seed: number): Array64 {
  const next = randomNumbers(seed);
  const order = Array.from({ length: sizeOf(shape) }, (_, index) => ({ index, key: next() }));
  order.sort((first, second) => first.key - second.key);
  const values = Float64Array.from(order, ({ index }) => (index - order.length / 2) / 64);
  return { shape, values };
}

export function arrayOf(shape: readonly number[], valueAt: (index: number) => number): Array64 {
  return { shape, values: Float64Array.from({ length: sizeOf(shape) }, (_, index) => valueAt(index)) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
