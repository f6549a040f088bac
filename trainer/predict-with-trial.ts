import type { ChosenWeights, ImagePrediction, Prediction } from "../src/contract/worker-messages.ts";
import { decodeImage } from "../src/dataset/decode-image.ts";
import { formatDatasetProblem } from "../src/dataset/dataset-problem.ts";
import type { Dataset, Examples } from "../src/dataset/dataset.ts";
import { fitImage, invertImage } from "../src/dataset/fit-image.ts";
import type { TrialDocument } from "../src/record/trial-record.ts";
import type { Batches } from "./data/batches.ts";
import { predictedClass } from "./engine/cross-entropy.ts";
import type { Predictor } from "./engine/engine.ts";
import { openSavedTrial, refuse, type Refused, type SavedTrialParts } from "./open-saved-trial.ts";
import { createTestBatches } from "./trial-batches.ts";

/**
 * Predicts test examples with the model of a finished trial.
 * @param examples indexes in the test file, in any order
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
    return { predictions: predictAll(predictor, testBatches(document, loaded.dataset), examples) };
  } finally {
    predictor.dispose();
  }
}

/**
 * Predicts people's own images with the model of a finished trial: each is fitted to the size of the data set's images
 * and then prepared as they were.
 * @param files absolute paths
 * @throws RecordError if the record can't be read
 */
export async function predictImages(
  parts: SavedTrialParts,
  weights: ChosenWeights,
  { files, isInverted }: { readonly files: readonly string[]; readonly isInverted: boolean },
): Promise<{ readonly predictions: readonly ImagePrediction[] } | Refused> {
  const saved = await openSavedTrial(parts, weights);
  if ("failure" in saved) return saved;
  const { document, predictor } = saved;
  try {
    const read = await readImages(document, files, isInverted);
    if ("failure" in read) return read;
    const data = { ...document.data, testCount: files.length };
    const batches = testBatches({ ...document, data }, { test: read.examples });
    const predictions = predictAll(predictor, batches, [...files.keys()]);
    return {
      predictions: predictions.map(({ predicted, probabilities }, index) => ({
        file: files[index] ?? "",
        predicted,
        probabilities,
      })),
    };
  } finally {
    predictor.dispose();
  }
}

interface SizedBatches {
  readonly batches: Batches;
  readonly batchSize: number;
}

function testBatches(document: TrialDocument, dataset: Pick<Dataset, "test">): SizedBatches {
  return { batches: createTestBatches(document, dataset), batchSize: document.evaluation.batchSize };
}

async function readImages(
  { data }: TrialDocument,
  files: readonly string[],
  isInverted: boolean,
): Promise<{ readonly examples: Examples } | Refused> {
  const [height, width, channels] = data.dataset.imageShape;
  const size = height * width * channels;
  const images = new Uint8Array(files.length * size);
  const problems: string[] = [];
  for (const [index, file] of files.entries()) {
    const decoded = await decodeImage(file, channels);
    if ("problems" in decoded) {
      problems.push(...decoded.problems.map(formatDatasetProblem));
      continue;
    }
    // Inverted first: the black that fills the frame then is the background.
    const image = isInverted ? invertImage(decoded.value) : decoded.value;
    images.set(fitImage(image, height, width).pixels, index * size);
  }
  if (problems.length > 0) return refuse(problems.join("\n"));
  return { examples: { images, labels: new Uint8Array(files.length), count: files.length } };
}

/** Each in the batch that it was tested in: sums in batches of another size may round differently. */
function predictAll(predictor: Predictor, { batches, batchSize }: SizedBatches, examples: readonly number[]) {
  const wanted = new Set(examples);
  const byExample = new Map<number, Prediction>();
  for (const index of new Set(examples.map((example) => Math.floor(example / batchSize)))) {
    const batch = batches.assemble(index);
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
