import path from "node:path";
import { describe, expect, test } from "vitest";
import { chooseSamples } from "../../src/orchestrate/choose-samples.ts";
import { collectGallery } from "../../src/orchestrate/collect-gallery.ts";
import { loadRun } from "../../src/record/load-run.ts";
import { writeImages } from "../dataset/write-image-folder.ts";
import { attemptTrial } from "../trainer/run-trial.ts";
import { createTinyRun } from "../trainer/tiny-run.ts";

/** Photographs of two classes, one red and large, one green. */
async function photoFolder(dataRoot: string): Promise<string> {
  const images = Object.fromEntries(
    ["train", "test", "validation"].flatMap((part) =>
      [0, 1, 2, 3].map((index) => {
        const isRed = index % 2 === 0;
        const size = isRed ? { height: 448, width: 300 } : { height: 8, width: 9 };
        const colour = isRed ? [200, 30, 20] : [30, 200, 20];
        return [`${part}/${isRed ? "red" : "green"}/${index}.png`, { ...size, colour }] as const;
      }),
    ),
  );
  await writeImages(path.join(dataRoot, "photos"), images);
  return "{format: images, folder: photos}";
}

const photos = {
  dataset: photoFolder,
  validation: 0,
  data: { validation: "{split: validation}", preprocess: "[{resize: {height: 4, width: 4}}]" },
  model: "[flatten, {dense: {units: 2, activation: softmax}}]",
  training: "{epochs: 2, batchSize: 4}",
};

describe("examples that are shown", () => {
  test.each(["train", "validation", "test"] as const)(
    "are the decoded files of an image folder's %s part",
    async (part) => {
      const run = await createTinyRun(photos);

      const chosen = await chooseSamples(run, { part, count: 9 });

      const samples = "samples" in chosen ? chosen.samples : [];
      expect(samples).toHaveLength(4);
      for (const { image, name } of samples) {
        const isRed = name === "red";
        expect([...image.pixels.subarray(0, 3)]).toEqual(isRed ? [200, 30, 20] : [30, 200, 20]);
        expect([image.height, image.width]).toEqual(isRed ? [224, 150] : [8, 9]);
      }
    },
  );

  test("are those of the subset that was drawn", async () => {
    const run = await createTinyRun({
      validation: 0,
      training: "{epochs: 1, batchSize: 4}",
      data: { subset: "{train: {perClass: 1, seed: 3}}" },
    });

    const chosen = await chooseSamples(run, { part: "train", count: 9 });

    const labels = "samples" in chosen ? chosen.samples.map(({ label }) => label) : [];
    expect(labels.sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test("of the report are the tested ones, with their own labels", async () => {
    const run = await createTinyRun({ ...photos, data: { ...photos.data, subset: "{test: {random: 3}}" } });
    await attemptTrial(run);
    const [runId = ""] = run.planKey.split("/").slice(-2);
    const records = await loadRun(run.store, run.plan.experiment, runId);
    const experimentFile = path.join(run.dataRoot, "tiny.yaml");

    const document = { ...records, schemaVersion: 1, experimentFile } as unknown;
    const collected = await collectGallery(run.store, document as Parameters<typeof collectGallery>[1], records);

    if ("problem" in collected) throw new Error(collected.problem);
    const { samples, random } = collected.gallery;
    const pictureOf = new Map(samples.map(({ label, image }) => [label, image]));
    expect(random).toHaveLength(3);
    expect(random.map(({ image }) => image)).toEqual(random.map(({ label }) => pictureOf.get(label)));
  });
});
