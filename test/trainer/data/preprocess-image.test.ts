import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Image } from "../../../trainer/data/image.ts";
import { createPreprocessing } from "../../../trainer/data/preprocess-image.ts";

// From TensorFlow 2.21.0 on a CPU: tf.image.resize(image, target) and tf.image.resize_with_pad(image, *target), where
// image is uint8 with the values (37·i + 11) mod 256 in row-major order.
const golden = z
  .array(
    z.object({
      op: z.enum(["resize", "resizeWithPad"]),
      name: z.string(),
      source: z.tuple([z.number(), z.number(), z.number()]),
      target: z.tuple([z.number(), z.number()]),
      values: z.array(z.number()).optional(),
      /** Of large results: the sum, the sum weighted by (index mod 101), and some values by index. */
      sum: z.number().optional(),
      weighted: z.number().optional(),
      samples: z.array(z.tuple([z.number(), z.number()])).optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL("../../fixtures/resize-golden.json", import.meta.url), "utf8")));

function countingImage([height, width, channels]: readonly [number, number, number]): Image {
  const values = Uint8Array.from({ length: height * width * channels }, (_, index) => (37 * index + 11) % 256);
  return { height, width, channels, values };
}

function prepare(op: "resize" | "resizeWithPad", [height, width]: readonly [number, number], image: Image): Image {
  return createPreprocessing([op === "resize" ? { resize: { height, width } } : { resizeWithPad: { height, width } }])(
    image,
  );
}

/** The largest difference, in shares of the full range 0…255. */
function difference(image: Image, expected: readonly number[]): number {
  return Math.max(...expected.map((value, index) => Math.abs(value - (image.values[index] ?? NaN)))) / 255;
}

describe("TensorFlow's values to 1e-5 of the range", () => {
  test.each(golden.filter(({ values }) => values).map((entry) => [entry.op, entry.name, entry] as const))(
    "%s %s",
    (op, _, { source, target, values = [] }) => {
      const image = prepare(op, target, countingImage(source));

      expect(image.values).toHaveLength(values.length);
      expect(difference(image, values)).toBeLessThan(1e-5);
    },
  );

  test.each(
    golden
      .filter(({ samples }) => samples)
      .map((entry) => [entry.op, entry.source.join("×"), entry.target.join("×"), entry] as const),
  )("%s from %s to %s", (op, _, __, { source, target, samples = [], sum = NaN, weighted = NaN }) => {
    const image = prepare(op, target, countingImage(source));

    const values = [...image.values];
    expect(Math.max(...samples.map(([index, value]) => Math.abs(value - (values[index] ?? NaN))))).toBeLessThan(2.5e-3);
    expect(values.reduce((total, value) => total + value, 0) / sum).toBeCloseTo(1, 6);
    expect(values.reduce((total, value, index) => total + value * (index % 101), 0) / weighted).toBeCloseTo(1, 6);
  });
});

// Results of trials hang on every bit; TensorFlow's own differ in the last ones.
test("a resize is, to the bit, the mean of four pixels by float32 weights, each computed by itself", () => {
  const side = fc.integer({ min: 1, max: 12 });
  const shape = fc.tuple(side, side, fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(shape, fc.tuple(side, side), (sourceShape, target) => {
      const source = countingImage(sourceShape);

      const { values } = prepare("resize", target, source);

      expect(values).toEqual(resizedOneByOne(source, target));
    }),
  );
});

function resizedOneByOne({ height, width, channels, values }: Image, target: readonly [number, number]): Float32Array {
  const { fround, floor, ceil, max, min } = Math;
  const along = (place: number, length: number, newLength: number) => {
    const exact = fround(fround(fround(place + 0.5) * fround(length / newLength)) - 0.5);
    return { lower: max(floor(exact), 0), upper: min(ceil(exact), length - 1), share: fround(exact - floor(exact)) };
  };
  return Float32Array.from({ length: target[0] * target[1] * channels }, (_, index) => {
    const [place, channel] = [floor(index / channels), index % channels];
    const row = along(floor(place / target[1]), height, target[0]);
    const column = along(place % target[1], width, target[1]);
    const pixel = (y: number, x: number): number => values[(y * width + x) * channels + channel] ?? NaN;
    const between = (y: number): number =>
      pixel(y, column.lower) + (pixel(y, column.upper) - pixel(y, column.lower)) * column.share;
    return between(row.lower) + (between(row.upper) - between(row.lower)) * row.share;
  });
}

describe("the steps", () => {
  test("centerCrop leaves an odd row out at the bottom and an odd column at the right", () => {
    const image = { height: 4, width: 5, channels: 1, values: Uint8Array.from({ length: 20 }, (_, index) => index) };

    const cropped = createPreprocessing([{ centerCrop: { height: 1, width: 2 } }])(image);

    expect([...cropped.values]).toEqual([6, 7]);
  });

  test("repeatChannels copies the grey value to every channel", () => {
    const image = { height: 1, width: 2, channels: 1, values: Uint8Array.of(7, 9) };

    const repeated = createPreprocessing([{ repeatChannels: 3 }])(image);

    expect(repeated).toMatchObject({ height: 1, width: 2, channels: 3 });
    expect([...repeated.values]).toEqual([7, 7, 7, 9, 9, 9]);
  });

  test("are done in order", () => {
    const image = { height: 2, width: 2, channels: 1, values: Uint8Array.of(0, 0, 0, 8) };

    const prepared = createPreprocessing([
      { centerCrop: { height: 1, width: 1 } },
      { resize: { height: 2, width: 2 } },
      { repeatChannels: 2 },
    ])(image);

    expect([...prepared.values]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("leave nothing of the image before: images of several sizes share the buffers", () => {
    const steps = [{ resizeWithPad: { height: 4, width: 4 } }];
    const wide = { height: 1, width: 4, channels: 1, values: Uint8Array.of(1, 2, 3, 4) };
    const full = { height: 4, width: 4, channels: 1, values: new Uint8Array(16).fill(9) };
    const shared = createPreprocessing(steps);

    shared(full);
    const after = [...shared(wide).values];

    expect(after).toEqual([...createPreprocessing(steps)(wide).values]);
  });

  test("of nothing give the image itself", () => {
    const image = countingImage([2, 2, 1]);

    expect(createPreprocessing()(image)).toBe(image);
  });
});
