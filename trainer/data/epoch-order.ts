import { permutation, randomPurposes, randomStream, type RandomStream } from "../../src/plan/random.ts";
import type { Shuffle } from "../../src/spec/schema/training.ts";

/**
 * The order in which an epoch goes through its examples: a function of its arguments alone, so an epoch that was
 * interrupted can be gone on with.
 * @param options `count`: examples of the epoch; `seed`: the trial's; `epoch`: from 0;
 *   `shuffle`: draw a new order each epoch, from all examples or from a buffer, or keep that of the file
 * @returns positions 0…count-1, each once, shape [count]
 */
export function epochOrder(options: {
  readonly count: number;
  readonly seed: number;
  readonly epoch: number;
  readonly shuffle: Shuffle;
}): Uint32Array {
  const { count, seed, epoch, shuffle } = options;
  if (shuffle === false) return Uint32Array.from({ length: count }, (_, position) => position);
  const stream = randomStream(seed, randomPurposes.epochOrder, epoch);
  return shuffle === true ? permutation(count, stream) : bufferedOrder(count, shuffle.buffer, stream);
}

/**
 * The order that a shuffle buffer gives: it holds the first examples of the file, gives a random one away and takes the
 * next one of the file in its place, until it has run empty.
 * @see tf.data.Dataset.shuffle(buffer_size)
 */
function bufferedOrder(count: number, bufferSize: number, stream: RandomStream): Uint32Array {
  const buffer = Uint32Array.from({ length: Math.min(bufferSize, count) }, (_, position) => position);
  let next = buffer.length;
  let held = buffer.length;
  return Uint32Array.from({ length: count }, (_, place) => {
    const slot = Math.floor((stream.wordAt(place) / 0x1_0000_0000) * held);
    const given = buffer[slot] ?? 0;
    buffer[slot] = next < count ? next++ : (buffer[--held] ?? 0);
    return given;
  });
}
