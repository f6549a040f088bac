import { trialFiles } from "../src/contract/object-keys.ts";
import type { Failure, Prediction, Reevaluation } from "../src/contract/worker-messages.ts";
import { loadTrialDocument, loadTrialState } from "../src/record/load-trial.ts";
import type { Store } from "../src/record/store.ts";
import type { TrialDocument, TrialResult } from "../src/record/trial-record.ts";
import type { DatasetCache } from "./dataset-cache.ts";
import { predictedClass } from "./engine/cross-entropy.ts";
import type { Engine, Predictor } from "./engine/engine.ts";
import { describeTest, predictExamples } from "./evaluate-model.ts";
import { createTestBatches, type TestBatches } from "./trial-batches.ts";

/** What it takes to look at a finished trial again. */
export interface SavedTrialParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly datasets: DatasetCache;
}

/** A finished trial whose saved model is loaded. */
interface SavedTrial {
  readonly document: TrialDocument;
  readonly result: TrialResult;
  readonly predictor: Predictor;
  readonly testBatches: TestBatches;
}

type Refused = { readonly failure: Failure };

/**
 * Tests the saved model of a finished trial again.
 * @param trialKey key of the record's folder
 * @param stop aborted = leave off
 * @throws RecordError if the record can't be read
 */
export async function reevaluateTrial(
  parts: SavedTrialParts,
  trialKey: string,
  stop: AbortSignal,
): Promise<{ readonly evaluation: Reevaluation } | Refused> {
  const saved = await openSavedTrial(parts, trialKey);
  if ("failure" in saved) return saved;
  try {
    const predictions = await predictExamples(saved.predictor, saved.testBatches.test, stop);
    if (predictions === undefined) return { failure: { kind: "killed", reason: "the evaluation was stopped" } };
    const test = describeTest(predictions, saved.document.data.dataset.classNames);
    const recorded = await parts.store.get(`${trialKey}/${trialFiles.predictions}`);
    const predictionsAreEqual = recorded !== undefined && new TextDecoder().decode(recorded) === test.predictions;
    const { counts } = test.confusion;
    return {
      evaluation: { test: test.figures, recorded: saved.result.test, confusion: counts, predictionsAreEqual },
    };
  } finally {
    await closeSaved(saved);
  }
}

/**
 * Predicts test examples with the saved model of a finished trial.
 * @param trialKey key of the record's folder
 * @param examples indexes among the tested examples, in any order
 * @throws RecordError if the record can't be read
 */
export async function predictWithTrial(
  parts: SavedTrialParts,
  trialKey: string,
  examples: readonly number[],
): Promise<{ readonly predictions: readonly Prediction[] } | Refused> {
  const saved = await openSavedTrial(parts, trialKey);
  if ("failure" in saved) return saved;
  try {
    const { testCount } = saved.document.data;
    const unknown = examples.filter((example) => !Number.isInteger(example) || example < 0 || example >= testCount);
    if (unknown.length > 0) {
      return refuse(`there is no test example ${unknown.join(", ")}: the trial was tested on 0…${testCount - 1}`);
    }
    const predictions: Prediction[] = [];
    for (const example of examples) predictions.push(await predictOne(saved, example));
    return { predictions };
  } finally {
    await closeSaved(saved);
  }
}

/** Predicts in the batch that the example was tested in: sums in batches of another size may round differently. */
async function predictOne({ document, predictor, testBatches }: SavedTrial, example: number): Promise<Prediction> {
  const { batchSize } = document.evaluation;
  const batch = await testBatches.test.assemble(Math.floor(example / batchSize));
  const row = example % batchSize;
  const { probabilities } = predictor.predict(batch);
  const classCount = probabilities.length / batch.size;
  return {
    example,
    label: batch.labels[row] ?? 0,
    predicted: predictedClass(probabilities, classCount, row),
    probabilities: [...probabilities.subarray(row * classCount, (row + 1) * classCount)],
  };
}

async function openSavedTrial(parts: SavedTrialParts, trialKey: string): Promise<SavedTrial | Refused> {
  const { engine, store, datasets } = parts;
  const document = await loadTrialDocument(store, trialKey);
  if (document === undefined) return refuse(`there is no trial ${trialKey} in ${store.location}`);
  const state = await loadTrialState(store, trialKey);
  if (state.type !== "finished") return refuse(`the trial ${trialKey} has no result yet: finish its run first`);
  const topology = await store.get(`${trialKey}/${trialFiles.modelTopology}`);
  const weights = await store.get(`${trialKey}/${trialFiles.modelWeights}`);
  if (topology === undefined || weights === undefined) return refuse(`the saved model of ${trialKey} is missing`);
  const loaded = await datasets.load(document.data);
  if ("failure" in loaded) return loaded;
  const predictor = await engine.loadModel({ topology, weights }, document.training.loss);
  const testBatches = createTestBatches(document, loaded.dataset);
  return { document, result: state.result, predictor, testBatches };
}

async function closeSaved({ predictor, testBatches }: SavedTrial): Promise<void> {
  predictor.dispose();
  await testBatches.close();
}

function refuse(reason: string): Refused {
  return { failure: { kind: "user", reason } };
}
