import path from "node:path";
import { trialFiles } from "../contract/object-keys.ts";
import { compareRun } from "../compare/compare-run.ts";
import { selectTrial } from "../compare/select.ts";
import { formatDatasetProblem } from "../dataset/dataset-problem.ts";
import type { Dataset, Examples } from "../dataset/dataset.ts";
import { exampleImage } from "../dataset/example-image.ts";
import { loadDataset } from "../dataset/open-dataset.ts";
import { resolveTrial } from "../plan/resolve-trial.ts";
import { chooseShownExamples } from "../plan/show-examples.ts";
import { decodeText } from "../record/json-object.ts";
import type { RunDocument, RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { pngDataUrl } from "../report/encode-png.ts";
import type { Gallery, PredictedPicture } from "../report/report-data.ts";

const sampleCount = 9;
const randomCount = 10;
const wrongCount = 20;
const seed = 1;

/**
 * Pictures for the report of a run: the first training examples, ten random test examples with what the best trial
 * says about them, and those of its mistakes that it was surest of.
 * @returns the pictures, or why they can't be had
 */
export async function collectGallery(
  store: Store,
  { experimentFile }: RunDocument,
  records: RunRecords,
): Promise<{ readonly gallery: Gallery } | { readonly problem: string }> {
  const best = selectTrial(compareRun(records), "best");
  const index = records.trials.findIndex(({ trial }) => trial.id === best.trialId);
  const { data, seed: trialSeed } = resolveTrial(records.plan, index);
  const loaded = await loadDataset(data.spec.dataset, path.dirname(experimentFile));
  if ("problems" in loaded) return { problem: loaded.problems.map(formatDatasetProblem).join("\n") };
  const { dataset } = loaded;
  if (dataset.manifest.sha256 !== data.dataset.sha256) {
    return { problem: `the data set "${data.dataset.name}" has changed since the run: its images can't be shown` };
  }
  const predictions = await loadPredictions(store, records.trials[index]?.key ?? "");
  const { classNames } = data.dataset;
  const nameOf = (label: number): string => classNames[label] ?? String(label);
  const picture = ({ example, label, predicted, probability }: RecordedPrediction): PredictedPicture => ({
    image: imageUrl(dataset, dataset.test, example),
    example,
    label: nameOf(label),
    predicted: nameOf(predicted),
    probability,
  });
  const wrong = predictions.filter(({ label, predicted }) => label !== predicted);
  const chosen = new Set(chooseShownExamples(predictions.length, { count: randomCount, seed }));
  return {
    gallery: {
      trialId: best.trialId,
      trialSeed,
      samples: [...Array(Math.min(sampleCount, data.trainCount)).keys()].map((example) => ({
        image: imageUrl(dataset, dataset.train, example),
        label: nameOf(dataset.train.labels[example] ?? 0),
      })),
      random: predictions.filter(({ example }) => chosen.has(example)).map(picture),
      wrong: wrong
        .sort((a, b) => b.probability - a.probability || a.example - b.example)
        .slice(0, wrongCount)
        .map(picture),
      wrongCount: wrong.length,
    },
  };
}

interface RecordedPrediction {
  readonly example: number;
  readonly label: number;
  readonly predicted: number;
  readonly probability: number;
}

/** The lines of a finished trial's `predictions.csv`. */
async function loadPredictions(store: Store, trialKey: string): Promise<RecordedPrediction[]> {
  const key = `${trialKey}/${trialFiles.predictions}`;
  const bytes = await store.get(key);
  if (bytes === undefined) return [];
  const [, ...lines] = decodeText(key, bytes).trimEnd().split("\n");
  return lines.map((line) => {
    const [example = 0, label = 0, predicted = 0, probability = 0] = line.split(",").map(Number);
    return { example, label, predicted, probability };
  });
}

function imageUrl(dataset: Dataset, examples: Examples, index: number): string {
  return pngDataUrl(exampleImage(dataset, examples, index));
}
