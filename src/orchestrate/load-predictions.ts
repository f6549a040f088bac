import { trialFiles } from "../contract/object-keys.ts";
import { decodeText } from "../record/json-object.ts";
import type { Store } from "../record/store.ts";

/** A line of a finished trial's `predictions.csv`. */
export interface RecordedPrediction {
  /** Number from 0 among the test examples that the experiment uses. */
  readonly example: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
}

/** What a finished trial predicted; empty if it has no `predictions.csv`. @param trialKey key of its record's folder */
export async function loadPredictions(store: Store, trialKey: string): Promise<RecordedPrediction[]> {
  const key = `${trialKey}/${trialFiles.predictions}`;
  const bytes = await store.get(key);
  if (bytes === undefined) return [];
  const [, ...lines] = decodeText(key, bytes).trimEnd().split("\n");
  return lines.map((line) => {
    const [example = 0, label = 0, predicted = 0, probability = 0] = line.split(",").map(Number);
    return { example, label, predicted, probability };
  });
}
