import { trialFiles } from "../src/contract/object-keys.ts";
import type { Reevaluation } from "../src/contract/worker-messages.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { describeTest, predictExamples } from "./evaluate-model.ts";
import { openSavedTrial, type Refused, type SavedTrial, type SavedTrialParts } from "./open-saved-trial.ts";
import { createTestBatches } from "./trial-batches.ts";

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
  const saved = await openSavedTrial(parts, { trialKey });
  if ("failure" in saved) return saved;
  const { document, predictor, result } = saved;
  try {
    const loaded = await parts.datasets.load(document.data);
    if ("failure" in loaded) return loaded;
    const predictions = await predictTest(saved, loaded.dataset, stop);
    if (predictions === undefined) return { failure: { kind: "killed", reason: "the evaluation was stopped" } };
    const test = describeTest(predictions, document.data.dataset.classNames);
    const recorded = await parts.store.get(`${trialKey}/${trialFiles.predictions}`);
    const predictionsAreEqual = recorded !== undefined && new TextDecoder().decode(recorded) === test.predictions;
    const { counts } = test.confusion;
    return { evaluation: { test: test.figures, recorded: result.test, confusion: counts, predictionsAreEqual } };
  } finally {
    predictor.dispose();
  }
}

async function predictTest({ document, predictor }: SavedTrial, dataset: Dataset, stop: AbortSignal) {
  const batches = createTestBatches(document, dataset);
  try {
    return await predictExamples(predictor, batches.test, stop);
  } finally {
    await batches.close();
  }
}
