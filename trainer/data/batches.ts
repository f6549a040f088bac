import type { Batch } from "../engine/engine.ts";

/** The order in which an epoch goes through a part's examples. */
export interface Epoch {
  /** From 0; what is drawn for training images is drawn for it. */
  readonly number: number;
  /** Positions in the part, shape [exampleCount]. */
  readonly order: Uint32Array;
}

/** The batches of a part of a data set. */
export interface Batches {
  /** Number of batches; the last one may be smaller than the others. */
  readonly count: number;
  /** Number of examples in all batches together. */
  readonly exampleCount: number;
  /**
   * Assembles one batch; any may be asked for at any time, one after another.
   * @param index 0…count-1
   * @param epoch the same object for all batches of an epoch; absent = file order, images as they are
   * @returns the batch, in buffers that the next call (for any part of the trial's data) overwrites
   * @throws RangeError if there is no such batch, or the order is not one of the part's examples
   * @throws DataError if the images turn out to be unusable
   */
  assemble(index: number, epoch?: Epoch): Promise<Batch>;
}
