import type { Training } from "../spec/schema/training.ts";
import type { PlannedData, PlannedModel } from "./plan.ts";
import { elementCount } from "./shape.ts";

/** Training images that an engine keeps take no more memory than this. */
const maxImageBytes = 2 ** 30;

/** What it takes to keep all training images where they are computed with, or why that is not done. */
export type ResidentImagesPlan = { readonly bytes: number } | { readonly refusal: string };

/**
 * Whether several steps can be done in one call, on training images that the engine keeps as float32, as they go into the network.
 * @param stepsPerCall at least 2
 */
export function planResidentImages(
  { data, model, training }: { readonly data: PlannedData; readonly model: PlannedModel; readonly training: Training },
  stepsPerCall: number,
): ResidentImagesPlan {
  if ((data.spec.augment ?? []).length > 0) return { refusal: "images are augmented anew in every epoch" };
  if (training.batchSize * stepsPerCall > data.trainCount)
    return { refusal: "an epoch has fewer full batches than that" };
  const bytes = 4 * data.trainCount * elementCount(model.inputShape);
  if (bytes <= maxImageBytes) return { bytes };
  const [needed, allowed] = [bytes, maxImageBytes].map((size) => Math.ceil(size / 2 ** 20));
  return { refusal: `the training images take ${needed} MiB as float32, more than ${allowed}` };
}
