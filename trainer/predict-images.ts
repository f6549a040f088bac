import type { ChosenWeights, ImagePrediction } from "../src/contract/worker-messages.ts";
import { formatDatasetProblem } from "../src/dataset/dataset-problem.ts";
import { decodeImageFile, type DecodedImage } from "../src/dataset/decode-image.ts";
import { fitImage, invertImage } from "../src/dataset/fit-image.ts";
import type { TrialDocument } from "../src/record/trial-record.ts";
import { createPixelScale } from "./data/create-pixel-scale.ts";
import { createPreprocessing } from "./data/preprocess-image.ts";
import type { PixelScale } from "./data/scale-pixels.ts";
import type { DatasetCache } from "./dataset-cache.ts";
import { predictedClass } from "./engine/cross-entropy.ts";
import type { Batch, Predictor } from "./engine/engine.ts";
import { openSavedTrial, refuse, type Refused, type SavedTrialParts } from "./open-saved-trial.ts";
import { createRecipe } from "./trial-batches.ts";

/** Whose images are predicted. */
interface OwnImages {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Whether light and dark are exchanged first. */
  readonly isInverted: boolean;
}

/**
 * Predicts people's own images with the model of a finished trial: each is fitted to the size of the data set's images,
 * if they have one size, and then prepared as they were.
 * @throws RecordError if the record can't be read
 */
export async function predictImages(
  parts: SavedTrialParts,
  weights: ChosenWeights,
  own: OwnImages,
): Promise<{ readonly predictions: readonly ImagePrediction[] } | Refused> {
  const saved = await openSavedTrial(parts, weights);
  if ("failure" in saved) return saved;
  const { document, predictor } = saved;
  try {
    const scale = await openScale(parts.datasets, document);
    if ("failure" in scale) return scale;
    const prepared = await prepareImages(document, scale.scale, own);
    if ("failure" in prepared) return prepared;
    const { batchSize } = document.evaluation;
    return { predictions: predictPrepared(predictor, { ...prepared, batchSize, files: own.files }) };
  } finally {
    predictor.dispose();
  }
}

/** The data set is only needed where its training images say how pixels are scaled. */
async function openScale(
  datasets: DatasetCache,
  document: TrialDocument,
): Promise<{ readonly scale: PixelScale } | Refused> {
  const { spec, dataset } = document.data;
  if (spec.scale !== "standardize") return { scale: await createPixelScale(spec.scale, dataset.imageShape, undefined) };
  const loaded = await datasets.load(document.data);
  if ("failure" in loaded) return loaded;
  const { storedShape, parts } = createRecipe(document, loaded.dataset);
  return { scale: await createPixelScale(spec.scale, storedShape, parts.train) };
}

interface PreparedImages {
  /** Shape [files, …input shape]. */
  readonly images: Float32Array;
  readonly imageLength: number;
}

async function prepareImages(
  { data, model }: TrialDocument,
  scale: PixelScale,
  { files, isInverted }: OwnImages,
): Promise<PreparedImages | Refused> {
  const imageLength = model.inputShape.reduce((product, size) => product * size, 1);
  const images = new Float32Array(files.length * imageLength);
  const preprocess = createPreprocessing(data.spec.preprocess);
  const problems: string[] = [];
  for (const [index, file] of files.entries()) {
    const decoded = await decodeImageFile(file, data.dataset.imageShape[2]);
    if ("problems" in decoded) {
      problems.push(...decoded.problems.map(formatDatasetProblem));
      continue;
    }
    // Inverted first: the black that fills the frame then is the background.
    const image = fitToData(isInverted ? invertImage(decoded.value) : decoded.value, data);
    const { height, width, channels, pixels } = image;
    const target = images.subarray(index * imageLength, (index + 1) * imageLength);
    scale(preprocess({ height, width, channels, values: pixels }), target);
  }
  return problems.length > 0 ? refuse(problems.join("\n")) : { images, imageLength };
}

/** Among images of many sizes one more size is nothing new, unless the first crop would be larger than the image. */
function fitToData(image: DecodedImage, { spec, dataset }: TrialDocument["data"]): DecodedImage {
  const [height, width] = dataset.imageShape;
  if (dataset.mixedSizes === undefined) return fitImage(image, height, width);
  const first = spec.preprocess?.find((step) => !("repeatChannels" in step));
  if (first === undefined || !("centerCrop" in first)) return image;
  const { centerCrop } = first;
  return image.height < centerCrop.height || image.width < centerCrop.width ? fitImage(image, height, width) : image;
}

interface ImageBatches extends PreparedImages {
  readonly files: readonly string[];
  readonly batchSize: number;
}

function predictPrepared(predictor: Predictor, own: ImageBatches): ImagePrediction[] {
  const { files, images, imageLength, batchSize } = own;
  const predictions: ImagePrediction[] = [];
  for (let start = 0; start < files.length; start += batchSize) {
    const size = Math.min(batchSize, files.length - start);
    const pixels = images.subarray(start * imageLength, (start + size) * imageLength);
    const batch: Batch = { size, images: pixels, labels: new Int32Array(size) };
    const { probabilities } = predictor.predict(batch);
    const classCount = probabilities.length / size;
    for (let row = 0; row < size; row++) {
      predictions.push({
        file: files[start + row] ?? "",
        predicted: predictedClass(probabilities, classCount, row),
        probabilities: [...probabilities.subarray(row * classCount, (row + 1) * classCount)],
      });
    }
  }
  return predictions;
}
