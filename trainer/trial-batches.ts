import type { Dataset } from "../src/dataset/dataset.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { createBatches, type Batches } from "./data/batches.ts";

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
  dataset: Pick<Dataset, "test">,
): Batches {
  return createBatches({ examples: dataset.test, start: 0, end: data.testCount, batchSize: evaluation.batchSize });
}
