import { expect, test } from "vitest";
import type { Examples } from "../../../src/dataset/dataset.ts";
import { BatchMaker } from "../../../trainer/data/batch-maker.ts";
import type { BatchRecipe } from "../../../trainer/data/batch-recipe.ts";
import { keptImage, withKeptImages } from "../../../trainer/data/kept-images.ts";

/** Three images of 2×2 pixels, of which two are learned from. */
const examples: Examples = {
  images: Uint8Array.from({ length: 12 }, (_, index) => 20 * index),
  labels: Uint8Array.of(0, 1, 2),
  count: 3,
};
const recipe: BatchRecipe = {
  seed: 1,
  preparation: { preprocess: [{ resize: { height: 3, width: 3 } }] },
  storedShape: [2, 2, 1],
  inputShape: [3, 3, 1],
  parts: { train: { examples, chosen: Uint32Array.of(0, 2) } },
};
const plan = { parts: ["train"], areBytes: false } as const;

const keptBy = (made: BatchRecipe) => made.parts.train?.kept;

/** Makes a batch of the first example. */
async function makeBatch(made: BatchRecipe): Promise<Float32Array> {
  const images = new Float32Array(9);
  await new BatchMaker(made).prepare(
    { part: "train", positions: Uint32Array.of(0) },
    { images, labels: new Int32Array(1) },
  );
  return images;
}

test("an image is there once a batch has needed it, before it is scaled", async () => {
  const made = withKeptImages(recipe, {}, plan);
  const kept = keptBy(made);
  if (kept === undefined) throw new Error("nothing is kept");

  const images = await makeBatch(made);

  expect(keptImage(kept, 0, recipe.inputShape)?.values).toEqual(images.map((value) => value * 255));
  expect(keptImage(kept, 1, recipe.inputShape)).toBeUndefined();
});

test("an image that is there is not prepared again", async () => {
  const dataset = {};
  const expected = await makeBatch(withKeptImages(recipe, dataset, plan));
  const black = { ...examples, images: new Uint8Array(12) };

  const images = await makeBatch(
    withKeptImages({ ...recipe, parts: { train: { ...train(), examples: black } } }, dataset, plan),
  );

  expect(images).toEqual(expected);
});

test.each<[string, BatchRecipe, object | undefined]>([
  ["another data set", recipe, {}],
  ["other examples", { ...recipe, parts: { train: { examples, chosen: Uint32Array.of(0, 1) } } }, undefined],
  ["other sizes", { ...recipe, preparation: { preprocess: [{ resizeWithPad: { height: 3, width: 3 } }] } }, undefined],
])("%s takes nothing over", (_, other, otherDataset) => {
  const dataset = {};
  const before = keptBy(withKeptImages(recipe, dataset, plan));

  const after = keptBy(withKeptImages(other, otherDataset ?? dataset, plan));

  expect(after).toBeDefined();
  expect(after).not.toBe(before);
});

test("whole numbers take a byte each", () => {
  const kept = keptBy(withKeptImages(recipe, {}, { ...plan, areBytes: true }));

  expect(kept?.values.byteLength).toBe(2 * 9);
});

function train() {
  const { train: part } = recipe.parts;
  if (part === undefined) throw new Error("unreachable: it is given above");
  return part;
}
