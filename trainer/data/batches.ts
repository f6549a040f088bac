import type { Examples } from "../../src/dataset/dataset.ts";
import type { Batch } from "../engine/engine.ts";

/** The batches of a part of a data set. */
export interface Batches {
  /** Number of batches; the last one may be smaller than the others. */
  readonly count: number;
  /** Number of examples in all batches together. */
  readonly exampleCount: number;
  /**
   * Assembles one batch; any may be asked for at any time.
   * @param index 0…count-1
   * @param order the examples' positions in the part, shape [exampleCount]; absent = file order
   * @returns the batch, in buffers that the next call overwrites
   * @throws RangeError if there is no such batch, or the order is not one of the part's examples
   */
  assemble(index: number, order?: Uint32Array): Batch;
}

// What Keras code computes with `images.astype("float32") / 255`: the nearest float32 of each quotient.
const scaled = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/**
 * Cuts a part of a data set into batches, pixels scaled to 0…1.
 * @param options `start`, `end`: the part is the half-open range [start, end) of the examples in file order;
 *   `batchSize`: examples of each batch but the last
 * @throws RangeError if the range is outside the examples or empty, or the batch size is not a positive integer
 */
export function createBatches(options: {
  readonly examples: Examples;
  readonly start: number;
  readonly end: number;
  readonly batchSize: number;
}): Batches {
  const { examples, start, end, batchSize } = options;
  if (!(start >= 0 && start < end && end <= examples.count)) {
    throw new RangeError(`examples [${start}, ${end}) of ${examples.count}`);
  }
  if (!(Number.isInteger(batchSize) && batchSize > 0)) throw new RangeError(`batches of ${batchSize}`);
  const exampleCount = end - start;
  const count = Math.ceil(exampleCount / batchSize);
  const pixelCount = examples.images.length / examples.count;
  const images = new Float32Array(Math.min(batchSize, exampleCount) * pixelCount);
  const labels = new Int32Array(Math.min(batchSize, exampleCount));

  const assemble = (index: number, order?: Uint32Array): Batch => {
    if (!(index >= 0 && index < count)) throw new RangeError(`batch ${index} of ${count}`);
    if (order !== undefined && order.length !== exampleCount) {
      throw new RangeError(`an order of ${order.length} for ${exampleCount} examples`);
    }
    const first = index * batchSize;
    const size = Math.min(batchSize, exampleCount - first);
    for (let row = 0; row < size; row++) {
      const position = order?.[first + row] ?? first + row;
      if (position >= exampleCount) throw new RangeError(`position ${position} of ${exampleCount} in an order`);
      const example = start + position;
      labels[row] = examples.labels[example] ?? 0;
      const pixels = examples.images.subarray(example * pixelCount, (example + 1) * pixelCount);
      scalePixels(pixels, images.subarray(row * pixelCount, (row + 1) * pixelCount));
    }
    return { size, images, labels };
  };
  return { count, exampleCount, assemble };
}

/**
 * @param pixels values 0…255
 * @param target written, values 0…1, of the same length
 */
function scalePixels(pixels: Uint8Array, target: Float32Array): void {
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    target[pixel] = scaled[pixels[pixel] ?? 0] ?? 0;
  }
}
