import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { ImagePrediction, Prediction } from "../../src/contract/worker-messages.ts";
import { exampleImage } from "../../src/dataset/example-image.ts";
import { loadDataset } from "../../src/dataset/open-dataset.ts";
import { selectExamples } from "../../src/plan/select-examples.ts";
import { encodePng } from "../../src/report/encode-png.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { predictImages } from "../../trainer/predict-images.ts";
import { predictWithTrial } from "../../trainer/predict-with-trial.ts";
import { writeImages } from "../dataset/write-image-folder.ts";
import { attemptTrial } from "./run-trial.ts";
import { createTinyRun, type TinyRun, type TinySections } from "./tiny-run.ts";

async function trained(sections: TinySections): Promise<TinyRun> {
  const run = await createTinyRun(sections);
  expect(await attemptTrial(run)).toEqual({ type: "finished" });
  return run;
}

/** The test examples as PNG files, as they are stored, in the order in which they are tested. */
async function writeTestImages(run: TinyRun, count: number): Promise<string[]> {
  const [data] = run.plan.data;
  if (data === undefined) throw new Error("no data");
  const loaded = await loadDataset(data.spec.dataset, run.dataRoot);
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { dataset } = loaded;
  const { test } = selectExamples(data, { train: dataset.train.labels, test: dataset.test.labels });
  const files: string[] = [];
  for (const [place, index] of test.subarray(0, count).entries()) {
    const image = await exampleImage(dataset, dataset.test, index);
    if ("problems" in image) throw new Error(JSON.stringify(image.problems));
    const file = path.join(run.dataRoot, `own-${place}.png`);
    writeFileSync(file, encodePng(image.value));
    files.push(file);
  }
  return files;
}

async function predictBoth(run: TinyRun, count: number, checkpointEpoch?: number) {
  const parts = { engine: await createWasmEngine(), store: run.store, datasets: new DatasetCache(run.dataRoot) };
  const weights = { trialKey: run.trialKey(0), ...(checkpointEpoch !== undefined && { checkpointEpoch }) };
  const files = await writeTestImages(run, count);
  const asFiles = await predictImages(parts, weights, { files, isInverted: false });
  const asExamples = await predictWithTrial(parts, weights, [...files.keys()]);
  if ("failure" in asFiles || "failure" in asExamples) throw new Error(JSON.stringify([asFiles, asExamples]));
  return { asFiles: rounded(asFiles.predictions), asExamples: rounded(asExamples.predictions) };
}

/** Sums in batches of another size may round differently. */
function rounded(predictions: readonly (ImagePrediction | Prediction)[]): number[][] {
  return predictions.map(({ probabilities }) => probabilities.map((value) => Number(value.toFixed(5))));
}

describe("an image file with the pixels of a test example", () => {
  test("is predicted as the example is, with every preparation", async () => {
    const run = await trained({
      model: "[flatten, {dense: {units: 4, activation: softmax}}]",
      validation: 0,
      data: {
        subset: "{train: {perClass: 12, seed: 5}, test: {random: 20}}",
        scale: "standardize",
        preprocess: "[{resize: {height: 11, width: 10}}, {centerCrop: {height: 10, width: 9}}, {repeatChannels: 3}]",
      },
    });

    const { asFiles, asExamples } = await predictBoth(run, 12);

    expect(asFiles).toEqual(asExamples);
  });

  test("is predicted as the example is, among images of many sizes", async () => {
    const run = await trained({
      dataset: photoFolder,
      validation: 0,
      data: { preprocess: "[{resize: {height: 8, width: 8}}]" },
      model: "[flatten, {dense: {units: 2, activation: softmax}}]",
      evaluation: "{batchSize: 3}",
      training: "{epochs: 2, batchSize: 4}",
    });

    const { asFiles, asExamples } = await predictBoth(run, 4);

    expect(asFiles).toHaveLength(4);
    expect(asFiles).toEqual(asExamples);
  });
});

test("a checkpoint predicts with the averages of the weights, as the saved model does", async () => {
  const training = "{epochs: 2, batchSize: 8, ema: {decay: 0.9}, checkpoint: {everyEpochs: 1, keep: all}}";
  const run = await trained({ training });

  const [saved, last, first] = [await predictBoth(run, 3), await predictBoth(run, 3, 2), await predictBoth(run, 3, 1)];

  expect(last).toEqual(saved);
  expect(first).not.toEqual(saved);
});

async function photoFolder(dataRoot: string): Promise<string> {
  const images = Object.fromEntries(
    ["train", "test"].flatMap((part) =>
      [0, 1, 2, 3].map((index) => {
        const size = index < 2 ? { height: 12, width: 10 } : { height: 9, width: 13 };
        const colour = index % 2 === 0 ? [200 + index, 30, 20] : [30, 200 + index, 20];
        return [`${part}/${index % 2 === 0 ? "red" : "green"}/${index}.png`, { ...size, colour }] as const;
      }),
    ),
  );
  await writeImages(path.join(dataRoot, "photos"), images);
  return "{format: images, folder: photos}";
}
