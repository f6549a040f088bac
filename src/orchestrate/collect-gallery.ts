import path from "node:path";
import { compareRun } from "../compare/compare-run.ts";
import { selectTrial } from "../compare/select.ts";
import { formatDatasetProblem } from "../dataset/dataset-problem.ts";
import type { Dataset, Examples } from "../dataset/dataset.ts";
import { exampleImage } from "../dataset/example-image.ts";
import { shrinkImage } from "../dataset/fit-image.ts";
import { loadDataset } from "../dataset/open-dataset.ts";
import { resolveTrial } from "../plan/resolve-trial.ts";
import { selectExamples } from "../plan/select-examples.ts";
import { chooseShownExamples } from "../plan/show-examples.ts";
import { loadPredictions } from "../record/predictions.ts";
import type { RunDocument, RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { pngDataUrl } from "../report/encode-png.ts";
import type { Gallery, PredictedPicture } from "../report/report-data.ts";

const sampleCount = 9;
const randomCount = 10;
const wrongCount = 20;
const seed = 1;
/** Larger images are shown smaller: the report stays a file that can be sent. */
const longestSide = 128;

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
  const predictions = await recordedPredictions(store, records.trials[index]?.key ?? "");
  const { classNames } = data.dataset;
  const nameOf = (label: number): string => classNames[label] ?? String(label);
  const chosen = selectExamples(data, { train: dataset.train.labels, test: dataset.test.labels });
  const wrong = predictions.filter(({ label, predicted }) => label !== predicted);
  const drawn = new Set(chooseShownExamples(predictions.length, { count: randomCount, seed }));
  const pictures = new PictureMaker(dataset);
  const picture = async ({
    example,
    label,
    predicted,
    probability,
  }: RecordedPrediction): Promise<PredictedPicture> => ({
    image: await pictures.make(dataset.test, chosen.test[example] ?? 0),
    example,
    label: nameOf(label),
    predicted: nameOf(predicted),
    probability,
  });
  const sample = async (index: number) => ({
    image: await pictures.make(dataset.train, index),
    label: nameOf(dataset.train.labels[index] ?? 0),
  });
  const surest = wrong.sort((a, b) => b.probability - a.probability || a.example - b.example).slice(0, wrongCount);
  const gallery: Gallery = {
    trialId: best.trialId,
    trialSeed,
    samples: await Promise.all(Array.from(chosen.train.subarray(0, sampleCount), sample)),
    random: await Promise.all(predictions.filter(({ example }) => drawn.has(example)).map(picture)),
    wrong: await Promise.all(surest.map(picture)),
    wrongCount: wrong.length,
  };
  return pictures.problems.length > 0 ? { problem: pictures.problems.join("\n") } : { gallery };
}

/** Makes pictures for the report, and gathers why some can't be made. */
class PictureMaker {
  readonly problems: string[] = [];

  constructor(private readonly dataset: Dataset) {}

  async make(examples: Examples, index: number): Promise<string> {
    const image = await exampleImage(this.dataset, examples, index);
    if ("value" in image) return pngDataUrl(shrinkImage(image.value, longestSide));
    this.problems.push(...image.problems.map(formatDatasetProblem));
    return "";
  }
}

interface RecordedPrediction {
  readonly example: number;
  readonly label: number;
  readonly predicted: number;
  readonly probability: number;
}

/** A finished trial's predictions, example by example. */
async function recordedPredictions(store: Store, trialKey: string): Promise<RecordedPrediction[]> {
  const recorded = await loadPredictions(store, trialKey);
  return Array.from(recorded?.labels ?? [], (label, example) => ({
    example,
    label,
    predicted: recorded?.predicted[example] ?? 0,
    probability: recorded?.confidences[example] ?? 0,
  }));
}
