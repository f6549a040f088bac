import type { ChosenWeights, Prediction } from "../src/contract/worker-messages.ts";
import type { Batches } from "./data/batches.ts";
import { predictedClass } from "./engine/cross-entropy.ts";
import type { Predictor } from "./engine/engine.ts";
import { openSavedTrial, refuse, type Refused, type SavedTrialParts } from "./open-saved-trial.ts";
import { createTestBatches } from "./trial-batches.ts";

/**
 * Predicts test examples with the model of a finished trial.
 * @param examples indexes among the tested examples, in any order
 * @returns a prediction for each, in that order
 * @throws RecordError if the record can't be read
 */
export async function predictWithTrial(
  parts: SavedTrialParts,
  weights: ChosenWeights,
  examples: readonly number[],
): Promise<{ readonly predictions: readonly Prediction[] } | Refused> {
  const saved = await openSavedTrial(parts, weights);
  if ("failure" in saved) return saved;
  const { document, predictor } = saved;
  try {
    const { testCount } = document.data;
    const unknown = examples.filter((example) => !Number.isInteger(example) || example < 0 || example >= testCount);
    if (unknown.length > 0) {
      return refuse(`there is no test example ${unknown.join(", ")}: the trial was tested on 0…${testCount - 1}`);
    }
    const loaded = await parts.datasets.load(document.data);
    if ("failure" in loaded) return loaded;
    const batches = createTestBatches(document, loaded.dataset);
    const { batchSize } = document.evaluation;
    try {
      return { predictions: await predictAll(predictor, { batches: batches.test, batchSize }, examples) };
    } finally {
      await batches.close();
    }
  } finally {
    predictor.dispose();
  }
}

/** Each in the batch that it was tested in: sums in batches of another size may round differently. */
async function predictAll(
  predictor: Predictor,
  { batches, batchSize }: { readonly batches: Batches; readonly batchSize: number },
  examples: readonly number[],
): Promise<Prediction[]> {
  const wanted = new Set(examples);
  const byExample = new Map<number, Prediction>();
  for (const index of new Set(examples.map((example) => Math.floor(example / batchSize)))) {
    const batch = await batches.assemble(index);
    const { probabilities } = predictor.predict(batch);
    const classCount = probabilities.length / batch.size;
    for (let row = 0; row < batch.size; row++) {
      const example = index * batchSize + row;
      if (!wanted.has(example)) continue;
      byExample.set(example, {
        example,
        label: batch.labels[row] ?? 0,
        predicted: predictedClass(probabilities, classCount, row),
        probabilities: [...probabilities.subarray(row * classCount, (row + 1) * classCount)],
      });
    }
  }
  return examples.flatMap((example) => byExample.get(example) ?? []);
}
