import { permutation, randomPurposes, randomStream } from "../../src/plan/random.ts";

/**
 * The order in which an epoch goes through its examples: a function of its arguments alone, so an epoch that was
 * interrupted can be gone on with.
 * @param options `count`: examples of the epoch; `seed`: the trial's; `epoch`: from 0;
 *   `shuffle`: draw a new order each epoch, or keep that of the file
 * @returns positions 0…count-1, each once, shape [count]
 */
export function epochOrder(options: {
  readonly count: number;
  readonly seed: number;
  readonly epoch: number;
  readonly shuffle: boolean;
}): Uint32Array {
  const { count, seed, epoch, shuffle } = options;
  if (!shuffle) return Uint32Array.from({ length: count }, (_, position) => position);
  return permutation(count, randomStream(seed, randomPurposes.epochOrder, epoch));
}
