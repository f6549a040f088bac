import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AugmentStep } from "../../../src/spec/schema/preparation.ts";
import { createAugmentation } from "../../../trainer/data/augment-image.ts";
import { createImage, type Image } from "../../../trainer/data/image.ts";
import { Rotation } from "../../../trainer/data/rotate-image.ts";

const image: Image = { height: 2, width: 3, channels: 1, values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
const bright: Image = { height: 8, width: 8, channels: 2, values: new Uint8Array(128).fill(200) };
const everyStep: readonly AugmentStep[] = [
  { flip: "horizontal" },
  { flip: "vertical" },
  { shiftCrop: { padding: 2 } },
  { rotate: { degrees: 30 } },
  { cutout: { size: 3 } },
];

/** The results for many examples, as text. */
function outcomes(step: AugmentStep, of: Image, count = 400): ReadonlyMap<string, number> {
  const augment = createAugmentation([step]);
  const found = new Map<string, number>();
  for (let example = 0; example < count; example++) {
    const text = [...augment(of, { seed: 1, epoch: 0, example }).values].join(" ");
    found.set(text, (found.get(text) ?? 0) + 1);
  }
  return found;
}

describe("a step of the augmentation", () => {
  test("flip: horizontal mirrors about every second image left-right", () => {
    const found = outcomes({ flip: "horizontal" }, image);

    expect([...found.keys()].sort()).toEqual(["1 2 3 4 5 6", "3 2 1 6 5 4"]);
    expect(found.get("3 2 1 6 5 4")).toBeGreaterThan(150);
    expect(found.get("3 2 1 6 5 4")).toBeLessThan(250);
  });

  test("flip: vertical mirrors up-down", () => {
    expect([...outcomes({ flip: "vertical" }, image).keys()].sort()).toEqual(["1 2 3 4 5 6", "4 5 6 1 2 3"]);
  });

  test("shiftCrop moves the image to each of the (2·padding + 1)² places, black coming in", () => {
    const found = outcomes({ shiftCrop: { padding: 1 } }, image, 2000);

    expect(found.size).toBe(9);
    expect([...found.keys()]).toEqual(
      expect.arrayContaining(["1 2 3 4 5 6", "0 0 0 0 1 2", "5 6 0 0 0 0", "0 4 5 0 0 0", "4 5 6 0 0 0"]),
    );
    for (const count of found.values()) expect(count).toBeGreaterThan(150);
  });

  test("cutout blackens a square, cut off at the border, in all channels", () => {
    const sizes = [...outcomes({ cutout: { size: 3 } }, bright).keys()].map(
      (text) => text.split(" ").filter((value) => value === "0").length / bright.channels,
    );

    expect(new Set(sizes)).toEqual(new Set([4, 6, 9]));
  });

  test("rotate turns by angles up to the given ones to both sides", () => {
    const point = createImage(1, 41, 1);
    point.values[40] = 255;
    const turned = createAugmentation([{ rotate: { degrees: 10 } }]);

    const kept = Array.from({ length: 200 }, (_, example) => turned(point, { seed: 1, epoch: 0, example }).values[40]);

    // 20 pixels off the middle, the end of the line moves by at most 20·sin 10° = 3.5 rows: mostly out of the one row.
    expect(kept.filter((value = 0) => value > 0).length).toBeLessThan(100);
    expect(kept.filter((value = 0) => value > 0).length).toBeGreaterThan(10);
  });
});

describe("a rotation", () => {
  const corner: Image = { height: 3, width: 3, channels: 1, values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) };
  const rotated = (degrees: number): readonly number[] => {
    const result = createImage(3, 3, 1);
    new Rotation().turn(corner, degrees, result);
    return [...result.values].map((value) => Math.round(value * 1000) / 1000);
  };

  test("by 0° changes nothing", () => {
    expect(rotated(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("by 90° is anticlockwise, by -90° clockwise", () => {
    expect(rotated(90)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect(rotated(-90)).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
  });

  test("by 45° takes in black at the corners", () => {
    const [topLeft = 0, , , , middle] = rotated(45);

    expect(topLeft).toBeLessThan(2);
    expect(middle).toBe(5);
  });

  // Results of trials hang on every bit.
  test("gives, to the bit, what is between the four pixels, looked up one by one", () => {
    const rotation = new Rotation();
    fc.assert(
      fc.property(anyImage, fc.double({ min: -180, max: 180, noNaN: true }), (image, degrees) => {
        const result = createImage(image.height, image.width, image.channels);

        rotation.turn(image, degrees, result);

        expect(result.values).toEqual(turnedOneByOne(image, degrees));
      }),
    );
  });
});

const anyImage = fc
  .record({
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    channels: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ height, width, channels }) => {
    const size = height * width * channels;
    return fc
      .uint8Array({ minLength: size, maxLength: size })
      .map((values): Image => ({ height, width, channels, values }));
  });

/** The definition: every pixel from the four around the place where it comes from, black outside. */
function turnedOneByOne({ height, width, channels, values }: Image, degrees: number): Float32Array {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const pixel = (row: number, column: number, channel: number): number =>
    row < 0 || row >= height || column < 0 || column >= width
      ? 0
      : (values[(row * width + column) * channels + channel] ?? NaN);
  const mix = (first: number, second: number, share: number): number => first + (second - first) * share;
  return Float32Array.from(values, (_, index) => {
    const [place, channel] = [Math.floor(index / channels), index % channels];
    const [down, right] = [Math.floor(place / width) - (height - 1) / 2, (place % width) - (width - 1) / 2];
    const column = (width - 1) / 2 + right * cosine - down * sine;
    const row = (height - 1) / 2 + right * sine + down * cosine;
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const between = (at: number): number => mix(pixel(at, left, channel), pixel(at, left + 1, channel), column - left);
    return mix(between(top), between(top + 1), row - top);
  });
}

describe("what is drawn", () => {
  const augmented = (seed: number, epoch: number, example: number) => [
    ...createAugmentation(everyStep)(bright, { seed, epoch, example }).values,
  ];

  test("depends on seed, epoch and example alone, whatever was drawn before", () => {
    const shared = createAugmentation(everyStep);
    fc.assert(
      fc.property(fc.nat(), fc.nat(100), fc.nat(1000), (seed, epoch, example) => {
        const image = shared(bright, { seed, epoch, example });

        expect([...image.values]).toEqual(augmented(seed, epoch, example));
      }),
      { numRuns: 50 },
    );
  });

  test("differs between seeds, epochs and examples", () => {
    const all = [augmented(1, 0, 0), augmented(2, 0, 0), augmented(1, 1, 0), augmented(1, 0, 1)];

    expect(new Set(all.map(String)).size).toBe(4);
  });

  test("for a step stays when another one is added behind it", () => {
    const first = { shiftCrop: { padding: 3 } };
    const example = { seed: 5, epoch: 2, example: 9 };
    const alone = [...createAugmentation([first])(bright, example).values];

    const followed = createAugmentation([first, { flip: "horizontal" }])(bright, example);

    expect([alone.join(), mirror(alone).join()]).toContain([...followed.values].join());
  });

  test("never changes between versions, or recorded results could not be repeated", () => {
    const values = createAugmentation([{ shiftCrop: { padding: 1 } }])(image, { seed: 1, epoch: 0, example: 0 }).values;

    // As first drawn: a change of these numbers changes every result and needs a new results version.
    expect([...values]).toMatchInlineSnapshot(`
      [
        5,
        6,
        0,
        0,
        0,
        0,
      ]
    `);
  });

  test("leaves the image itself as it is", () => {
    const before = [...bright.values];

    augmented(1, 2, 3);

    expect([...bright.values]).toEqual(before);
  });
});

/** Mirrors 8×8 images of two channels left-right. */
function mirror(values: readonly number[]): readonly number[] {
  return values.map((_, index) => {
    const [pixel, channel] = [Math.floor(index / 2), index % 2];
    const [row, column] = [Math.floor(pixel / 8), pixel % 8];
    return values[(row * 8 + 7 - column) * 2 + channel] ?? 0;
  });
}
