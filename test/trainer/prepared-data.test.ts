import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { predictWithTrial } from "../../trainer/predict-with-trial.ts";
import { reevaluateTrial } from "../../trainer/saved-trial.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import { idx } from "../dataset/write-datasets.ts";
import { writeImages } from "../dataset/write-image-folder.ts";
import { attemptTrial, deterministicFiles, loadEpochs, loadResult } from "./run-trial.ts";
import { createTinyRun, type TinySections } from "./tiny-run.ts";

const layers =
  "[{conv2d: {filters: 2, kernelSize: 3, activation: relu}}, flatten, {dropout: {rate: 0.2}}, {dense: {units: 4, activation: softmax}}]";

// Every way to choose, prepare, change and order examples that an interruption could lose track of.
const everything: TinySections = {
  model: layers,
  validation: 0,
  data: {
    subset: "{train: {perClass: 12, seed: 5}, test: {random: 20}}",
    validation: "{fraction: 0.25, from: stratified}",
    scale: "standardize",
    preprocess: "[{resize: {height: 11, width: 10}}, {centerCrop: {height: 10, width: 9}}, {repeatChannels: 3}]",
    augment: "[{flip: horizontal}, {shiftCrop: {padding: 1}}, {rotate: {degrees: 10}}, {cutout: {size: 2}}]",
  },
  training: "{epochs: 2, batchSize: 9, shuffle: {buffer: 10}, checkpoint: {everySteps: 3}}",
  evaluation: "{test: everyEpoch, batchSize: 16}",
};

/** A folder of 12×10 and 8×8 photographs of two classes, one red, one green. */
async function photoFolder(dataRoot: string): Promise<string> {
  const images = Object.fromEntries(
    ["train", "test", "validation"].flatMap((part) =>
      Array.from({ length: part === "train" ? 12 : 4 }, (_, index) => {
        const name = index % 2 === 0 ? "red" : "green";
        const colour = index % 2 === 0 ? [200 + index, 30, 20] : [30, 200 + index, 20];
        const size = index % 3 === 0 ? { height: 12, width: 10 } : { height: 8, width: 8 };
        return [`${part}/${name}/${index}.${index < 6 ? "png" : "jpg"}`, { ...size, colour }] as const;
      }),
    ),
  );
  await writeImages(path.join(dataRoot, "photos"), images);
  return "{format: images, folder: photos}";
}

const photos: TinySections = {
  dataset: photoFolder,
  validation: 0,
  data: { validation: "{split: validation}", preprocess: "[{resizeWithPad: {height: 8, width: 8}}]" },
  model: "[flatten, {dense: {units: 2, activation: softmax}}]",
  training: "{epochs: 6, batchSize: 5, optimizer: {type: sgd, learningRate: 0.05}}",
};

describe("a trial with prepared and augmented data", () => {
  test("gives the same bytes whether batches are made in a thread or in the process", async () => {
    const [threaded, inline] = [await createTinyRun(everything), await createTinyRun(everything)];

    await attemptTrial(threaded, { batchPlace: "thread" });
    await attemptTrial(inline, { batchPlace: "process" });

    const files = await deterministicFiles(threaded);
    expect(files[trialFiles.result]).not.toBe("missing");
    expect(files).toEqual(await deterministicFiles(inline));
  });

  test("gives the same bytes in a thread as in the process without any preparation, too", async () => {
    const [threaded, inline] = [await createTinyRun(), await createTinyRun()];

    await attemptTrial(threaded, { batchPlace: "thread" });
    await attemptTrial(inline);

    expect(await deterministicFiles(threaded)).toEqual(await deterministicFiles(inline));
  });

  test.each(["stop", "crash"] as const)("ends with the same bytes after a %s at any batch", async (kind) => {
    const uninterrupted = await createTinyRun(everything);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    // 4 training, 1 validation and 2 test batches an epoch, and 2 test batches at the end.
    for (let after = 0; after < 15; after++) {
      const run = await createTinyRun(everything);
      const outcome = await attemptTrial(run, { interruption: { after, kind }, batchPlace: "process" });
      expect(outcome.type, `interrupted after ${after} batches`).not.toBe("finished");
      await attemptTrial(run, { attempt: 2, batchPlace: "process" });
      expect(await deterministicFiles(run), `interrupted after ${after} batches`).toEqual(expected);
    }
  });

  test("ends with the same bytes after any interruptions, batches being made in threads", async () => {
    const uninterrupted = await createTinyRun(everything);
    await attemptTrial(uninterrupted, { batchPlace: "process" });
    const expected = await deterministicFiles(uninterrupted);
    const interruption = fc.record({ kind: fc.constantFrom("stop" as const, "crash" as const), after: fc.nat(12) });

    await fc.assert(
      fc.asyncProperty(fc.array(interruption, { minLength: 1, maxLength: 3 }), async (interruptions) => {
        const run = await createTinyRun(everything);
        for (const [index, interruption] of interruptions.entries())
          await attemptTrial(run, { attempt: index + 1, interruption, batchPlace: "thread" });
        await attemptTrial(run, { attempt: interruptions.length + 1, batchPlace: "thread" });
        expect(await deterministicFiles(run)).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });

  test("is evaluated and predicted again from its saved model as it was recorded", async () => {
    const run = await createTinyRun(everything);
    await attemptTrial(run);
    const parts = { engine: await createWasmEngine(), store: run.store, datasets: new DatasetCache(run.dataRoot) };

    const again = await reevaluateTrial(parts, run.trialKey(0), new AbortController().signal);
    const predicted = await predictWithTrial(parts, { trialKey: run.trialKey(0) }, [0, 19]);

    expect(again).toMatchObject({ evaluation: { predictionsAreEqual: true } });
    expect("predictions" in predicted && predicted.predictions.map(({ example }) => example)).toEqual([0, 19]);
  });

  test("fails as the user's to mend if a channel has no spread", async () => {
    const run = await createTinyRun({
      data: { scale: "standardize", subset: "{train: {first: 2}}" },
      validation: 0,
      training: "{epochs: 1, batchSize: 2}",
      dataset: blackFolder,
    });

    const outcome = await attemptTrial(run);

    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "user" } });
    expect(outcome.type === "failed" && outcome.failure.reason).toContain("has the value 0 everywhere");
  });
});

/** Four black images of 8×8, one of each class. */
function blackFolder(dataRoot: string): Promise<string> {
  const folder = path.join(dataRoot, "black");
  mkdirSync(folder);
  for (const prefix of ["train", "t10k"]) {
    writeFileSync(
      path.join(folder, `${prefix}-images-idx3-ubyte`),
      idx(
        [4, 8, 8],
        Array.from({ length: 256 }, () => 0),
      ),
    );
    writeFileSync(path.join(folder, `${prefix}-labels-idx1-ubyte`), idx([4], [0, 1, 2, 3]));
  }
  return Promise.resolve("{format: idx, folder: black}");
}

describe("a trial on a folder of images", () => {
  test("learns to tell them apart, and is validated on the folder's own part", async () => {
    const run = await createTinyRun(photos);

    const outcome = await attemptTrial(run);

    expect(outcome).toEqual({ type: "finished" });
    expect((await loadEpochs(run)).at(-1)?.validation?.accuracy).toBe(1);
    expect((await loadResult(run)).test.accuracy).toBe(1);
    expect(run.plan.data[0]).toMatchObject({ trainCount: 12, validationCount: 4, testCount: 4 });
  });

  test("gives the same bytes in a thread and in the process", async () => {
    const [threaded, inline] = [await createTinyRun(photos), await createTinyRun(photos)];

    await attemptTrial(threaded, { batchPlace: "thread" });
    await attemptTrial(inline, { batchPlace: "process" });

    expect(await deterministicFiles(threaded)).toEqual(await deterministicFiles(inline));
  });

  test("fails as the user's to mend if an image changed since the run was planned", async () => {
    const run = await createTinyRun(photos);
    await writeImages(path.join(run.dataRoot, "photos"), { "train/red/0.png": { colour: [1, 2, 3] } });

    const outcome = await attemptTrial(run);

    expect(outcome).toMatchObject({ failure: { kind: "user", reason: expect.stringContaining("has changed since") } });
  });
});
