import { trialFiles } from "../contract/object-keys.ts";
import { decodeText } from "./json-object.ts";
import { RecordError } from "./record-error.ts";
import type { Store } from "./store.ts";
import type { Predictions } from "./trial-record.ts";

/** Example, label, predicted class, probability. */
const lineForm = /^\d+,\d+,\d+,[\d.e-]+$/;
const header = "example,label,predicted,probability";

/**
 * The `predictions.csv` of a finished trial, or undefined if there is none.
 * @param trialKey key of the record's folder
 * @throws RecordError naming the key and line if it can't be read
 */
export async function loadPredictions(store: Store, trialKey: string): Promise<Predictions | undefined> {
  const key = `${trialKey}/${trialFiles.predictions}`;
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : parsePredictions(key, decodeText(key, bytes));
}

function parsePredictions(key: string, text: string): Predictions {
  const [first, ...lines] = text.trimEnd().split("\n");
  if (first !== header) throw damaged(`${key}:1`, `begins with "${first}", not with "${header}"`);
  const labels = new Uint16Array(lines.length);
  const predicted = new Uint16Array(lines.length);
  const confidences = new Float32Array(lines.length);
  for (const [index, line] of lines.entries()) {
    const [example, label = -1, guess = -1, confidence = Number.NaN] = line.split(",").map(Number);
    if (
      !lineForm.test(line) ||
      example !== index ||
      !isClass(label) ||
      !isClass(guess) ||
      !(confidence >= 0 && confidence < 1.001)
    )
      throw damaged(`${key}:${index + 2}`, `"${line}" is no prediction of example ${index}`);
    labels[index] = label;
    predicted[index] = guess;
    confidences[index] = confidence;
  }
  return { labels, predicted, confidences };
}

function isClass(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 16;
}

function damaged(where: string, problem: string): RecordError {
  return new RecordError(where, { problem, fix: "evaluate the trial again, or delete its record and run it again" });
}
