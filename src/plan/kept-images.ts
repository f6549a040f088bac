import type { Data } from "../spec/schema/data.ts";
import type { Evaluation } from "../spec/schema/experiment.ts";
import { isEncoded } from "./batch-buffers.ts";
import type { PlannedData, PlannedModel } from "./plan.ts";
import { elementCount } from "./shape.ts";

/** A part of the data that a trial uses. */
export type DataPart = "train" | "validation" | "test";

/** Prepared images that a worker keeps. */
export interface KeptImages {
  readonly parts: readonly DataPart[];
  /** Whether their values are whole numbers 0…255: nothing is resized. */
  readonly areBytes: boolean;
  /** Size of all of them. */
  readonly bytes: number;
}

/** Prepared images take no more of a worker's memory than this. */
const maxKeptBytes = 256 * 2 ** 20;

/**
 * Which parts of the data a worker keeps as they are after decoding and `data.preprocess`, which give the same in every epoch:
 * those that are used more than once, one after another as long as they fit.
 * @param epochCount of the training
 */
export function planKeptImages(
  {
    data,
    model,
    evaluation,
  }: { readonly data: PlannedData; readonly model: PlannedModel; readonly evaluation: Evaluation },
  epochCount: number,
): KeptImages {
  const { spec, trainCount, validationCount, testCount } = data;
  const areBytes = !resizes(spec);
  const imageBytes = (areBytes ? 1 : 4) * elementCount(model.inputShape);
  const counts: Record<DataPart, number> = {
    train: trainCount,
    validation: validationCount,
    test: evaluation.test === "everyEpoch" ? testCount : 0,
  };
  const parts: DataPart[] = [];
  let bytes = 0;
  for (const part of ["train", "validation", "test"] as const) {
    const partBytes = counts[part] * imageBytes;
    if (epochCount < 2 || !isPreparedAlike(spec) || partBytes === 0 || bytes + partBytes > maxKeptBytes) continue;
    parts.push(part);
    bytes += partBytes;
  }
  return { parts, areBytes, bytes };
}

/** Whether something is done to images that is the same in every epoch. */
function isPreparedAlike(data: Data): boolean {
  return isEncoded(data) || (data.preprocess ?? []).length > 0;
}

function resizes({ preprocess = [] }: Data): boolean {
  return preprocess.some((step) => "resize" in step || "resizeWithPad" in step);
}
