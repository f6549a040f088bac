import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PixelExamples } from "../../../src/dataset/dataset.ts";
import { BatchMaker } from "../../../trainer/data/batch-maker.ts";
import { BatchPool } from "../../../trainer/data/batch-pool.ts";
import type { BatchRecipe } from "../../../trainer/data/batch-recipe.ts";
import type { Batches, Epoch } from "../../../trainer/data/batches.ts";
import { epochOrder } from "../../../trainer/data/epoch-order.ts";
import type { Batch } from "../../../trainer/engine/engine.ts";

/** Examples of two pixels: example i is labelled i and has the pixels i and 255 - i. */
function countingExamples(count: number): PixelExamples {
  const images = new Uint8Array(2 * count);
  for (let example = 0; example < count; example++) images.set([example, 255 - example], 2 * example);
  return { images, labels: Uint8Array.from({ length: count }, (_, example) => example), count };
}

interface Options {
  readonly examples: PixelExamples;
  readonly start: number;
  readonly end: number;
  readonly batchSize: number;
}

/** The batches of the half-open range [start, end) of examples of two pixels. */
function createBatches({ examples, start, end, batchSize }: Options): Batches {
  const chosen = Uint32Array.from({ length: end - start }, (_, index) => start + index);
  const width = examples.images.length / examples.count;
  const recipe: BatchRecipe = {
    seed: 1,
    preparation: {},
    storedShape: [1, width, 1],
    inputShape: [1, width, 1],
    parts: { train: { examples, chosen } },
  };
  return new BatchPool(recipe, new BatchMaker(recipe), 1).batchesOf("train", batchSize);
}

const epochOf = (...order: readonly number[]): Epoch => ({ number: 0, order: Uint32Array.from(order) });

/** All batches of an epoch, one after another. */
async function copyAll(batches: Batches, epoch?: Epoch, first = 0) {
  const copies = [];
  for (let index = first; index < batches.count; index++) copies.push(copyBatch(await batches.assemble(index, epoch)));
  return copies;
}

/** What a batch holds, apart from its buffers. */
function copyBatch(batch: Batch): { readonly labels: readonly number[]; readonly images: readonly number[] } {
  return { labels: [...batch.labels.subarray(0, batch.size)], images: [...batch.images.subarray(0, 2 * batch.size)] };
}

const anyEpoch = fc
  .record({
    start: fc.nat({ max: 20 }),
    exampleCount: fc.integer({ min: 1, max: 100 }),
    rest: fc.nat({ max: 20 }),
    batchSize: fc.integer({ min: 1, max: 40 }),
    seed: fc.nat(),
    epoch: fc.nat({ max: 100 }),
  })
  .map(({ start, exampleCount, rest, batchSize, seed, epoch }) => {
    const end = start + exampleCount;
    const order = epochOrder({ count: exampleCount, seed, epoch, shuffle: true });
    return {
      options: { examples: countingExamples(end + rest), start, end, batchSize },
      epoch: { number: epoch, order },
    };
  });

describe("the batches of a part of a data set", () => {
  test("hold its examples in file order, the last batch the rest", async () => {
    const batches = createBatches({ examples: countingExamples(10), start: 2, end: 7, batchSize: 2 });

    const labels = (await copyAll(batches)).map((batch) => batch.labels);

    expect(batches.count).toBe(3);
    expect(batches.exampleCount).toBe(5);
    expect(labels).toEqual([[2, 3], [4, 5], [6]]);
  });

  test("follow an order of positions in the part", async () => {
    const batches = createBatches({ examples: countingExamples(10), start: 2, end: 6, batchSize: 3 });

    const labels = (await copyAll(batches, epochOf(3, 0, 2, 1))).map((batch) => batch.labels);

    expect(labels).toEqual([[5, 2, 4], [3]]);
  });

  test("hold pixels divided by 255, rounded to the nearest float32", async () => {
    const examples = {
      images: Uint8Array.from({ length: 256 }, (_, value) => value),
      labels: Uint8Array.of(0),
      count: 1,
    };

    const { images } = await createBatches({ examples, start: 0, end: 1, batchSize: 1 }).assemble(0);

    expect([...images]).toEqual(Array.from({ length: 256 }, (_, value) => Math.fround(value / 255)));
    expect([images[0], images[255]]).toEqual([0, 1]);
  });

  test("hold every example of the part exactly once an epoch, with its own pixels", async () => {
    await fc.assert(
      fc.asyncProperty(anyEpoch, async ({ options, epoch }) => {
        const copies = await copyAll(createBatches(options), epoch);

        const labels = copies.flatMap((batch) => batch.labels);
        const images = copies.flatMap((batch) => batch.images);
        expect(labels).toEqual([...epoch.order].map((position) => options.start + position));
        expect(images).toEqual(
          labels.flatMap((label) => [label, 255 - label].map((pixel) => Math.fround(pixel / 255))),
        );
      }),
    );
  });

  test("are as large as asked for, but the last", async () => {
    await fc.assert(
      fc.asyncProperty(anyEpoch, async ({ options, epoch }) => {
        const batches = createBatches(options);

        const sizes = (await copyAll(batches, epoch)).map(({ labels }) => labels.length);

        const last = sizes.pop() ?? 0;
        expect(sizes.every((size) => size === options.batchSize)).toBe(true);
        expect(last).toBeGreaterThan(0);
        expect(sizes.length * options.batchSize + last).toBe(batches.exampleCount);
      }),
    );
  });

  test("are the same when an epoch is gone on with in the middle", async () => {
    await fc.assert(
      fc.asyncProperty(anyEpoch, fc.nat(), async ({ options, epoch }, stop) => {
        const uninterrupted = createBatches(options);
        const first = stop % uninterrupted.count;

        const resumed = await copyAll(createBatches(options), epoch, first);

        expect(resumed).toEqual((await copyAll(uninterrupted, epoch)).slice(first));
      }),
    );
  });

  test("are assembled in the same buffers every time", async () => {
    const batches = createBatches({ examples: countingExamples(5), start: 0, end: 5, batchSize: 2 });

    const first = await batches.assemble(0);
    const last = await batches.assemble(2);

    expect(last.images).toBe(first.images);
    expect(last.labels).toBe(first.labels);
    expect(last.size).toBe(1);
  });

  test("need no more memory than there are examples", async () => {
    const batches = createBatches({ examples: countingExamples(3), start: 0, end: 3, batchSize: 1_000_000 });

    expect((await batches.assemble(0)).labels).toHaveLength(3);
  });

  test("keep labels above 255", async () => {
    const examples = { images: Uint8Array.of(1), labels: Uint16Array.of(999), count: 1 };

    const batch = await createBatches({ examples, start: 0, end: 1, batchSize: 1 }).assemble(0);

    expect([...batch.labels]).toEqual([999]);
  });

  test("leave the examples as they are", async () => {
    const examples = countingExamples(4);

    await createBatches({ examples, start: 0, end: 4, batchSize: 4 }).assemble(0, epochOf(3, 2, 1, 0));

    expect(examples).toEqual(countingExamples(4));
  });
});

describe("what can't be cut into batches", () => {
  const examples = countingExamples(10);

  test("a part that is empty", () => {
    expect(() => createBatches({ examples, start: 5, end: 5, batchSize: 2 })).toThrow(RangeError);
  });

  test.each([0, -1, 1.5, Number.NaN])("batches of %d examples", (batchSize) => {
    expect(() => createBatches({ examples, start: 0, end: 10, batchSize })).toThrow(RangeError);
  });

  test.each([-1, 4, Number.NaN])("batch %d of four", async (index) => {
    const batches = createBatches({ examples, start: 0, end: 8, batchSize: 2 });

    await expect(batches.assemble(index)).rejects.toThrow(RangeError);
  });

  test.each([
    ["is too short", epochOf(0, 1)],
    ["points behind the part", epochOf(0, 1, 3)],
  ])("an order that %s", async (_, epoch) => {
    const batches = createBatches({ examples, start: 0, end: 3, batchSize: 3 });

    await expect(batches.assemble(0, epoch)).rejects.toThrow(RangeError);
  });
});
