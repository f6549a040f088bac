import type { SeedPredictions } from "../../compare/model-duel.ts";
import type { TrialMistakes } from "../block-format.ts";
import { trialAt, type Model } from "./model.ts";
import type { MatrixSubject } from "./subjects.ts";

/** What the trials of two subjects predicted; undefined if the report doesn't hold it, or while it is being read. */
export function predictionsOfBoth(model: Model, a: MatrixSubject, b: MatrixSubject) {
  const [ofA, ofB] = [predictionsOf(model, a), predictionsOf(model, b)];
  return ofA && ofB ? { a: ofA, b: ofB } : undefined;
}

function predictionsOf(model: Model, { trials }: MatrixSubject): SeedPredictions[] | undefined {
  const parts = model.mistakes.parts.value;
  const predictions = trials.flatMap((trial): SeedPredictions[] => {
    const found = parts.get(trial);
    return found ? [{ seed: trialAt(model, trial).seed, predictions: fromMistakes(found) }] : [];
  });
  return predictions.length === trials.length ? predictions : undefined;
}

/** All predictions from the wrong ones. Confidences of the right ones aren't in a report: they are NaN. */
function fromMistakes({ labels, mistakes }: TrialMistakes): SeedPredictions["predictions"] {
  const predicted = labels.slice();
  const confidences = new Float32Array(labels.length).fill(Number.NaN);
  for (const mistake of mistakes) {
    predicted[mistake.example] = mistake.predicted;
    confidences[mistake.example] = mistake.probability;
  }
  return { labels, predicted, confidences };
}
