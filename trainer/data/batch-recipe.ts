import type { Examples } from "../../src/dataset/dataset.ts";
import type { DataPart } from "../../src/plan/kept-images.ts";
import type { ImageShape } from "../../src/plan/shape.ts";
import type { Data } from "../../src/spec/schema/data.ts";
import type { StoredShape } from "./image-source.ts";

/** Prepared images of a part, before augmentation. In shared memory: whichever thread makes one, all find it. */
export interface KeptImages {
  /** Shape [chosen examples, …input shape]. */
  readonly values: Uint8Array | Float32Array;
  /** 1 for each position whose image is there, shape [chosen examples]. */
  readonly isThere: Uint8Array;
}

/** The examples of a part. */
export interface PartRecipe {
  readonly examples: Examples;
  /** Indexes of those that belong to the part, in file order. */
  readonly chosen: Uint32Array;
  /** Where its images are kept once they are prepared; absent = they are prepared for each batch. */
  readonly kept?: KeptImages;
}

/** All that batches are made from. Plain data: it can be sent to a thread. */
export interface BatchRecipe {
  readonly seed: number;
  readonly preparation: Pick<Data, "scale" | "preprocess" | "augment">;
  readonly storedShape: StoredShape;
  /** Shape of a prepared image. */
  readonly inputShape: ImageShape;
  /** The training part must be there if pixels are standardised. */
  readonly parts: { readonly [Name in DataPart]?: PartRecipe };
}

/** Which examples are wanted. */
export interface FillRequest {
  readonly part: DataPart;
  /** Positions in the part's list of examples. */
  readonly positions: Uint32Array;
  /** The epoch that training images are augmented for, from 0; absent = as they are. */
  readonly epoch?: number;
}

/** What a batch is written into. */
export interface BatchBuffers {
  /** Shape [examples, …input shape]; may be longer than needed. */
  readonly images: Float32Array;
  /** Shape [examples]; may be longer than needed. */
  readonly labels: Int32Array;
}

/** Makes batches, one after another in the order of the requests. */
export interface BatchFiller {
  /** @throws DataError if the data are to blame. @throws RangeError if a position is outside the part */
  prepare(request: FillRequest, buffers: BatchBuffers): Promise<void>;
  close(): Promise<void>;
}
