import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Examples } from "../../../src/dataset/dataset.ts";
import { createBatches } from "../../../trainer/data/batches.ts";
import { epochOrder } from "../../../trainer/data/epoch-order.ts";
import type { Batch } from "../../../trainer/engine/engine.ts";

/** Examples of two pixels: example i is labelled i and has the pixels i and 255 - i. */
function countingExamples(count: number): Examples {
  const images = new Uint8Array(2 * count);
  for (let example = 0; example < count; example++) images.set([example, 255 - example], 2 * example);
  return { images, labels: Uint8Array.from({ length: count }, (_, example) => example), count };
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
    return { options: { examples: countingExamples(end + rest), start, end, batchSize }, order };
  });

describe("the batches of a part of a data set", () => {
  test("hold its examples in file order, the last batch the rest", () => {
    const batches = createBatches({ examples: countingExamples(10), start: 2, end: 7, batchSize: 2 });

    const labels = [0, 1, 2].map((index) => copyBatch(batches.assemble(index)).labels);

    expect(batches.count).toBe(3);
    expect(batches.exampleCount).toBe(5);
    expect(labels).toEqual([[2, 3], [4, 5], [6]]);
  });

  test("follow an order of positions in the part", () => {
    const batches = createBatches({ examples: countingExamples(10), start: 2, end: 6, batchSize: 3 });
    const order = Uint32Array.of(3, 0, 2, 1);

    expect(copyBatch(batches.assemble(0, order)).labels).toEqual([5, 2, 4]);
    expect(copyBatch(batches.assemble(1, order)).labels).toEqual([3]);
  });

  test("hold pixels divided by 255, rounded to the nearest float32", () => {
    const examples = {
      images: Uint8Array.from({ length: 256 }, (_, value) => value),
      labels: Uint8Array.of(0),
      count: 1,
    };

    const { images } = createBatches({ examples, start: 0, end: 1, batchSize: 1 }).assemble(0);

    expect([...images]).toEqual(Array.from({ length: 256 }, (_, value) => Math.fround(value / 255)));
    expect([images[0], images[255]]).toEqual([0, 1]);
  });

  test("hold every example of the part exactly once an epoch, with its own pixels", () => {
    fc.assert(
      fc.property(anyEpoch, ({ options, order }) => {
        const batches = createBatches(options);

        const epoch = Array.from({ length: batches.count }, (_, index) => copyBatch(batches.assemble(index, order)));

        const labels = epoch.flatMap((batch) => batch.labels);
        const images = epoch.flatMap((batch) => batch.images);
        expect(labels).toEqual([...order].map((position) => options.start + position));
        expect(images).toEqual(
          labels.flatMap((label) => [label, 255 - label].map((pixel) => Math.fround(pixel / 255))),
        );
      }),
    );
  });

  test("are as large as asked for, but the last", () => {
    fc.assert(
      fc.property(anyEpoch, ({ options, order }) => {
        const batches = createBatches(options);

        const sizes = Array.from({ length: batches.count }, (_, index) => batches.assemble(index, order).size);

        const last = sizes.pop() ?? 0;
        expect(sizes.every((size) => size === options.batchSize)).toBe(true);
        expect(last).toBeGreaterThan(0);
        expect(sizes.length * options.batchSize + last).toBe(batches.exampleCount);
      }),
    );
  });

  test("are the same when an epoch is gone on with in the middle", () => {
    fc.assert(
      fc.property(anyEpoch, fc.nat(), ({ options, order }, stop) => {
        const uninterrupted = createBatches(options);
        const first = stop % uninterrupted.count;
        for (let index = 0; index < first; index++) uninterrupted.assemble(index, order);
        const resumed = createBatches(options);

        for (let index = first; index < uninterrupted.count; index++) {
          expect(copyBatch(resumed.assemble(index, order))).toEqual(copyBatch(uninterrupted.assemble(index, order)));
        }
      }),
    );
  });

  test("are assembled in the same buffers every time", () => {
    const batches = createBatches({ examples: countingExamples(5), start: 0, end: 5, batchSize: 2 });

    const first = batches.assemble(0);
    const last = batches.assemble(2);

    expect(last.images).toBe(first.images);
    expect(last.labels).toBe(first.labels);
    expect(last.size).toBe(1);
  });

  test("need no more memory than there are examples", () => {
    const batches = createBatches({ examples: countingExamples(3), start: 0, end: 3, batchSize: 1_000_000 });

    expect(batches.assemble(0).labels).toHaveLength(3);
  });

  test("keep labels above 255", () => {
    const examples = { images: Uint8Array.of(1), labels: Uint16Array.of(999), count: 1 };

    const batch = createBatches({ examples, start: 0, end: 1, batchSize: 1 }).assemble(0);

    expect([...batch.labels]).toEqual([999]);
  });

  test("leave the examples as they are", () => {
    const examples = countingExamples(4);

    createBatches({ examples, start: 0, end: 4, batchSize: 4 }).assemble(0, Uint32Array.of(3, 2, 1, 0));

    expect(examples).toEqual(countingExamples(4));
  });
});

describe("what can't be cut into batches", () => {
  const examples = countingExamples(10);

  test.each([
    ["ends after the last example", { start: 0, end: 11 }],
    ["starts before the first example", { start: -1, end: 5 }],
    ["is empty", { start: 5, end: 5 }],
  ])("a part that %s", (_, range) => {
    expect(() => createBatches({ examples, ...range, batchSize: 2 })).toThrow(RangeError);
  });

  test.each([0, -1, 1.5, Number.NaN])("batches of %d examples", (batchSize) => {
    expect(() => createBatches({ examples, start: 0, end: 10, batchSize })).toThrow(RangeError);
  });

  test.each([-1, 4, Number.NaN])("batch %d of four", (index) => {
    const batches = createBatches({ examples, start: 0, end: 8, batchSize: 2 });

    expect(() => batches.assemble(index)).toThrow(RangeError);
  });

  test.each([
    ["is too short", Uint32Array.of(0, 1)],
    ["points behind the part", Uint32Array.of(0, 1, 3)],
  ])("an order that %s", (_, order) => {
    const batches = createBatches({ examples, start: 0, end: 3, batchSize: 3 });

    expect(() => batches.assemble(0, order)).toThrow(RangeError);
  });
});
