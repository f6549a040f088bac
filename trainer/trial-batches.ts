import type { Dataset } from "../src/dataset/dataset.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { createBatches, type Batches } from "./data/batches.ts";
import type { BatchSizes } from "./engine/engine.ts";

/** The batches of the parts of a data set that a trial uses. */
export interface TrialBatches {
  /** Of the size that is trained with. */
  readonly train: Batches;
  /** Absent if nothing is held out. */
  readonly validation: Batches | undefined;
  readonly test: Batches;
}

/** Cuts the data set as the trial's plan says. */
export function createTrialBatches({ data, training, evaluation }: ResolvedTrial, dataset: Dataset): TrialBatches {
  const { trainCount, validationCount } = data;
  const { batchSize } = evaluation;
  const heldOut = { examples: dataset.train, start: trainCount, end: trainCount + validationCount, batchSize };
  return {
    train: createBatches({ examples: dataset.train, start: 0, end: trainCount, batchSize: training.batchSize }),
    validation: validationCount === 0 ? undefined : createBatches(heldOut),
    test: createTestBatches({ data, evaluation }, dataset),
  };
}

/** The batches that a trial's model is tested with. */
export function createTestBatches(
  { data, evaluation }: Pick<ResolvedTrial, "data" | "evaluation">,
  dataset: Dataset,
): Batches {
  return createBatches({ examples: dataset.test, start: 0, end: data.testCount, batchSize: evaluation.batchSize });
}

/** The sizes of all batches of a trial, so that an engine can prepare for them at once. */
export function trialBatchSizes({ data, training, evaluation }: ResolvedTrial): BatchSizes {
  const { trainCount, validationCount, testCount } = data;
  const evaluated = [validationCount, testCount].flatMap((count) => sizesOf(count, evaluation.batchSize));
  return { train: sizesOf(trainCount, training.batchSize), predict: [...new Set(evaluated)] };
}

/** Full batches and the rest. */
function sizesOf(count: number, batchSize: number): number[] {
  return [...new Set([Math.min(count, batchSize), count % batchSize])].filter((size) => size > 0);
}
