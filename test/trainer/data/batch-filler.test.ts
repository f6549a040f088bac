import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { EncodedExamples, Examples } from "../../../src/dataset/dataset.ts";
import { BatchMaker } from "../../../trainer/data/batch-maker.ts";
import { BatchPool } from "../../../trainer/data/batch-pool.ts";
import type { BatchFiller, BatchRecipe } from "../../../trainer/data/batch-recipe.ts";
import { withKeptImages } from "../../../trainer/data/kept-images.ts";
import { DataError } from "../../../trainer/data/data-error.ts";
import { epochOrder } from "../../../trainer/data/epoch-order.ts";
import { ThreadedFiller } from "../../../trainer/data/threaded-filler.ts";

/** Examples of 5×4 colour images. */
function colourExamples(count: number): Examples {
  const images = new Uint8Array(new SharedArrayBuffer(count * 60));
  for (let index = 0; index < images.length; index++) images[index] = (index * 37 + (index >> 5)) % 256;
  return { images, labels: Uint8Array.from({ length: count }, (_, example) => example % 7), count };
}

const range = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, index) => index);

function recipeOf(examples: Examples): BatchRecipe {
  return {
    seed: 3,
    preparation: {
      scale: "standardize",
      preprocess: [{ resizeWithPad: { height: 9, width: 8 } }],
      augment: [{ flip: "horizontal" }, { rotate: { degrees: 20 } }, { cutout: { size: 3 } }],
    },
    storedShape: [5, 4, 3],
    inputShape: [9, 8, 3],
    parts: {
      train: { examples, chosen: range(examples.count) },
      test: { examples, chosen: Uint32Array.of(4, 1, 2) },
    },
  };
}

function poolOf(recipe: BatchRecipe, filler: BatchFiller, bufferCount: number): BatchPool {
  const pool = new BatchPool(recipe, filler, bufferCount);
  onTestFinished(() => pool.close());
  return pool;
}

/** Two epochs with an evaluation between them, as text. */
async function trainAndTest(pool: BatchPool): Promise<readonly string[]> {
  const [train, tested] = [pool.batchesOf("train", 4), pool.batchesOf("test", 2)];
  const seen: string[] = [];
  for (const number of [0, 1]) {
    const epoch = { number, order: epochOrder({ count: train.exampleCount, seed: 3, epoch: number, shuffle: true }) };
    for (let index = 0; index < train.count; index++) seen.push(describeBatch(await train.assemble(index, epoch)));
    for (let index = 0; index < tested.count; index++) seen.push(describeBatch(await tested.assemble(index)));
  }
  return seen;
}

function describeBatch({ size, images, labels }: { size: number; images: Float32Array; labels: Int32Array }): string {
  return [...labels.subarray(0, size), ...images.subarray(0, size * 216)].join(" ");
}

const fillers = [
  ["in the process", (recipe: BatchRecipe) => new BatchMaker(recipe)],
  ["in a thread", (recipe: BatchRecipe) => new ThreadedFiller(recipe)],
  ["in three threads", (recipe: BatchRecipe) => new ThreadedFiller(recipe, 3)],
] as const;

describe.each(fillers)("batches made %s", (_, createFiller) => {
  test.each([1, 2, 3])("are the same, to the bit, with %d buffers", async (bufferCount) => {
    const recipe = recipeOf(colourExamples(11));
    const expected = await trainAndTest(poolOf(recipe, new BatchMaker(recipe), 1));

    const seen = await trainAndTest(poolOf(recipe, createFiller(recipe), bufferCount));

    expect(seen).toEqual(expected);
    expect(new Set(seen).size).toBe(8);
  });

  test("are the same, to the bit, where prepared images are kept for the next epoch", async () => {
    const recipe = recipeOf(colourExamples(11));
    const expected = await trainAndTest(poolOf(recipe, new BatchMaker(recipe), 1));
    const keeping = withKeptImages(recipe, {}, { parts: ["train", "test"], areBytes: false });

    const seen = await trainAndTest(poolOf(keeping, createFiller(keeping), 2));

    expect(seen).toEqual(expected);
    expect(keeping.parts.train?.kept?.isThere).toEqual(new Uint8Array(11).fill(1));
  });

  test("are the same in the middle of an epoch as after all before it", async () => {
    const recipe = recipeOf(colourExamples(11));
    const epoch = { number: 1, order: epochOrder({ count: 11, seed: 3, epoch: 1, shuffle: true }) };
    const all = await trainAndTest(poolOf(recipe, new BatchMaker(recipe), 1));

    const batch = await poolOf(recipe, createFiller(recipe), 3).batchesOf("train", 4).assemble(2, epoch);

    expect(describeBatch(batch)).toBe(all[7]);
  });

  test("tell which image can't be decoded as the data's fault, and go on with others", async () => {
    const encoded: EncodedExamples = {
      encoded: Uint8Array.of(1, 2, 3),
      offsets: Float64Array.of(0, 3),
      names: ["train/cat/a.png"],
      labels: Uint16Array.of(0),
      count: 1,
    };
    const good = { examples: colourExamples(1), chosen: range(1) };
    const recipe: BatchRecipe = {
      ...recipeOf(colourExamples(2)),
      preparation: { preprocess: [{ resize: { height: 9, width: 8 } }] },
      parts: { train: { examples: encoded, chosen: range(1) }, test: good },
    };
    const pool = poolOf(recipe, createFiller(recipe), 2);

    const failing = pool.batchesOf("train", 1).assemble(0);

    await expect(failing).rejects.toThrow(DataError);
    await expect(failing).rejects.toThrow(/train\/cat\/a\.png can't be decoded/);
    expect((await pool.batchesOf("test", 1).assemble(0)).size).toBe(1);
  });

  test("tell that a channel has no spread", async () => {
    const constant = { images: new Uint8Array(60).fill(5), labels: Uint8Array.of(0), count: 1 };
    const recipe = recipeOf(constant);

    const failing = poolOf(recipe, createFiller(recipe), 1).batchesOf("train", 1).assemble(0);

    await expect(failing).rejects.toThrow(/has the value 5 everywhere/);
  });
});

test("a thread that is closed leaves nobody waiting", async () => {
  const recipe = recipeOf(colourExamples(3));
  const filler = new ThreadedFiller(recipe);
  const buffers = { images: new Float32Array(216), labels: new Int32Array(1) };
  const waiting = filler.prepare({ part: "test", positions: Uint32Array.of(0) }, buffers);

  await Promise.all([expect(waiting).rejects.toThrow("the batches were closed"), filler.close()]);
});

describe("memory", () => {
  // As many images as VGG-16 on MNIST at 224×224 has: 12 GB as floats of one channel, 36 GB of three.
  const count = 60_000;
  const examples: Examples = {
    images: new Uint8Array(new SharedArrayBuffer(count)),
    labels: new Uint8Array(count),
    count,
  };
  const recipe: BatchRecipe = {
    seed: 1,
    preparation: { preprocess: [{ resize: { height: 224, width: 224 } }, { repeatChannels: 3 }] },
    storedShape: [1, 1, 1],
    inputShape: [224, 224, 3],
    parts: { train: { examples, chosen: range(count) }, test: { examples, chosen: range(5) } },
  };

  test.each(fillers)("of all batches made %s is that of three, however many images there are", async (_, create) => {
    const pool = poolOf(recipe, create(recipe), 3);
    const [train, tested] = [pool.batchesOf("train", 8), pool.batchesOf("test", 4)];
    const epoch = { number: 0, order: epochOrder({ count, seed: 1, epoch: 0, shuffle: true }) };

    for (let index = 0; index < 6; index++) await train.assemble(index, epoch);
    await tested.assemble(0);
    await train.assemble(train.count - 1, epoch);

    expect(pool.bufferBytes).toBe(3 * (8 * 224 * 224 * 3 * 4 + 8 * 4));
  });
});

test("a process that closes its thread while a batch is on its way goes on after that", () => {
  const script = fileURLToPath(new URL("close-early.ts", import.meta.url));

  const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" });

  expect({ stdout, status }).toEqual({ stdout: "closed\n", status: 0 });
});
