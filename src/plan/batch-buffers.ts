import type { Data } from "../spec/schema/data.ts";

const mebibyte = 2 ** 20;
/** Above this size of a batch, one is made ahead instead of two. */
const largeBatchBytes = 32 * mebibyte;

/** Whether batches are more than scaled copies of what is in memory: then a thread makes them ahead of the step. */
export function needsPreparation(data: Data): boolean {
  const { preprocess = [], augment = [] } = data;
  return isEncoded(data) || preprocess.length > 0 || augment.length > 0;
}

/** Whether images are in memory as PNG and JPEG files. */
export function isEncoded({ dataset }: Pick<Data, "dataset">): boolean {
  return typeof dataset !== "string" && dataset.format === "images";
}

/**
 * How many batches are in memory at once: the one in use, and those made ahead of it.
 * @param batchBytes size of the largest batch
 */
export function countBatchBuffers(data: Data, batchBytes: number): number {
  if (!needsPreparation(data)) return 1;
  return batchBytes > largeBatchBytes ? 2 : 3;
}
