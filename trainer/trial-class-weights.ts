import type { Dataset } from "../src/dataset/dataset.ts";
import { resolveClassWeights } from "../src/plan/class-weights.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { selectExamples } from "../src/plan/select-examples.ts";

/** The weight of each class in a trial's training loss, shape [classes]; undefined if all are alike. */
export function trialClassWeights({ data, training }: ResolvedTrial, dataset: Dataset): Float64Array | undefined {
  if (training.classWeights === undefined) return undefined;
  const counts = new Map<number, number>();
  // Only what is learned from: the validation part must not say anything about itself.
  const labels = { train: dataset.train.labels, test: dataset.test.labels };
  for (const example of selectExamples(data, labels).train) {
    const label = dataset.train.labels[example] ?? 0;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return resolveClassWeights(training.classWeights, data.dataset, (label) => counts.get(label) ?? 0);
}
