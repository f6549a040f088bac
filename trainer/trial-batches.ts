import type { Dataset } from "../src/dataset/dataset.ts";
import { countBatchBuffers, needsPreparation } from "../src/plan/batch-buffers.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { computeBudget } from "../src/plan/estimate.ts";
import { planKeptImages } from "../src/plan/kept-images.ts";
import { selectExamples } from "../src/plan/select-examples.ts";
import { isImageShape } from "../src/plan/shape.ts";
import { BatchMaker } from "./data/batch-maker.ts";
import { BatchPool } from "./data/batch-pool.ts";
import type { BatchFiller, BatchRecipe } from "./data/batch-recipe.ts";
import type { Batches } from "./data/batches.ts";
import { withKeptImages } from "./data/kept-images.ts";
import type { BatchSizes } from "./engine/engine.ts";
import { ThreadedFiller } from "./data/threaded-filler.ts";

/** What batches are made of. */
type TrialData = Pick<ResolvedTrial, "seed" | "data" | "evaluation"> & {
  readonly model: Pick<ResolvedTrial["model"], "inputShape">;
};

/**
 * Where batches are made: in a thread ahead of the step, or in the process when they are asked for; or where it is best,
 * with so many threads if threads are.
 */
export type BatchPlace = "thread" | "process" | { readonly threads: number };

/** The batches of the parts of a data set that a trial uses. */
export interface TrialBatches {
  /** Of the size that is trained with. */
  readonly train: Batches;
  /** Absent if nothing is held out. */
  readonly validation: Batches | undefined;
  readonly test: Batches;
  /** Ends what makes them. */
  close(): Promise<void>;
}

/** Batches of test examples only. */
export interface TestBatches {
  readonly test: Batches;
  close(): Promise<void>;
}

/**
 * Cuts the data set as the trial's plan says.
 * @param place absent = a thread if images are decoded, resized or augmented; where makes no difference to what is made
 */
export function createTrialBatches(trial: ResolvedTrial, dataset: Dataset, place?: BatchPlace): TrialBatches {
  const { epochCount } = computeBudget(trial.training, trial.data.trainCount);
  const recipe = withKeptImages(createRecipe(trial, dataset), dataset, planKeptImages(trial, epochCount));
  const largest = Math.max(trial.training.batchSize, trial.evaluation.batchSize);
  const pool = createPool(recipe, trial, { largest, place });
  const { batchSize } = trial.evaluation;
  return {
    train: pool.batchesOf("train", trial.training.batchSize),
    validation: recipe.parts.validation && pool.batchesOf("validation", batchSize),
    test: pool.batchesOf("test", batchSize),
    close: () => pool.close(),
  };
}

/** The batches that a trial's model is tested with. */
export function createTestBatches(trial: TrialData, dataset: Dataset, place?: BatchPlace): TestBatches {
  const { batchSize } = trial.evaluation;
  const pool = createPool(createRecipe(trial, dataset), trial, { largest: batchSize, place });
  return { test: pool.batchesOf("test", batchSize), close: () => pool.close() };
}

function createPool(
  recipe: BatchRecipe,
  { data, model }: TrialData,
  { largest, place }: { readonly largest: number; readonly place: BatchPlace | undefined },
): BatchPool {
  const { spec } = data;
  const isThreaded = place === "thread" || (place !== "process" && needsPreparation(spec));
  if (!isThreaded) return new BatchPool(recipe, new BatchMaker(recipe), 1);
  const filler: BatchFiller = new ThreadedFiller(recipe, typeof place === "object" ? place.threads : 1);
  const batchBytes = 4 * largest * model.inputShape.reduce((product, size) => product * size, 1);
  return new BatchPool(recipe, filler, countBatchBuffers(spec, batchBytes));
}

/** What a trial's batches are made from. */
export function createRecipe({ seed, data, model }: TrialData, dataset: Dataset): BatchRecipe {
  const { inputShape } = model;
  if (!isImageShape(inputShape)) throw new RangeError(`${inputShape.join("×")} is not the shape of an image`);
  const { train, validation, test } = selectExamples(data, { train: dataset.train.labels, test: dataset.test.labels });
  const { scale, preprocess, augment } = data.spec;
  const heldOutFrom = validation?.file === "validation" ? dataset.validation : dataset.train;
  return {
    seed,
    preparation: { ...(scale && { scale }), ...(preprocess && { preprocess }), ...(augment && { augment }) },
    storedShape: dataset.manifest.imageShape,
    inputShape,
    parts: {
      train: { examples: dataset.train, chosen: train },
      test: { examples: dataset.test, chosen: test },
      ...(validation && heldOutFrom && { validation: { examples: heldOutFrom, chosen: validation.examples } }),
    },
  };
}

/**
 * The sizes of all batches that a trial's model sees while it is trained, so that an engine can prepare for them at once. The
 * final test is of the saved model.
 */
export function trialBatchSizes({ data, training, evaluation }: ResolvedTrial): BatchSizes {
  const { trainCount, validationCount, testCount } = data;
  const counts = [validationCount, ...(evaluation.test === "everyEpoch" ? [testCount] : [])];
  const evaluated = counts.flatMap((count) => sizesOf(count, evaluation.batchSize));
  return { train: sizesOf(trainCount, training.batchSize), predict: [...new Set(evaluated)] };
}

/** Full batches and the rest. */
function sizesOf(count: number, batchSize: number): number[] {
  return [...new Set([Math.min(count, batchSize), count % batchSize])].filter((size) => size > 0);
}
