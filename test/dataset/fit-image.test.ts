import { describe, expect, test } from "vitest";
import type { DecodedImage } from "../../src/dataset/decode-image.ts";
import { fitImage, invertImage } from "../../src/dataset/fit-image.ts";

function grey(rows: readonly (readonly number[])[]): DecodedImage {
  return { height: rows.length, width: rows[0]?.length ?? 0, channels: 1, pixels: Uint8Array.from(rows.flat()) };
}

const pattern = grey(
  Array.from({ length: 6 }, (_, r) => Array.from({ length: 9 }, (_, c) => (r * 37 + c * 61 + r * c * 5) % 256)),
);

/** The largest difference from expected pixels. */
function distance(image: DecodedImage, expected: readonly (readonly number[])[]): number {
  return Math.max(...expected.flat().map((value, index) => Math.abs(value - (image.pixels[index] ?? NaN))));
}

describe("fitting an image into a frame", () => {
  // Frozen from Pillow, Image.resize(…, BILINEAR); it rounds between its two passes, so 1 may be between.
  test("makes it smaller as Pillow does", () => {
    const expected = [
      [38, 125, 185, 112, 150, 177],
      [92, 155, 107, 140, 172, 118],
      [148, 101, 115, 159, 122, 142],
      [142, 97, 133, 93, 129, 81],
    ];

    expect(distance(fitImage(pattern, 4, 6), expected)).toBeLessThanOrEqual(1);
  });

  test("makes it larger as Pillow does", () => {
    const corner = grey([
      [0, 61],
      [37, 103],
    ]);
    const expected = [
      [0, 15, 46, 61],
      [9, 25, 56, 72],
      [28, 44, 77, 93],
      [37, 54, 87, 103],
    ];

    expect(distance(fitImage(corner, 4, 4), expected)).toBeLessThanOrEqual(1);
  });

  test("leaves an image of the right size as it is", () => {
    expect(fitImage(pattern, 6, 9).pixels).toEqual(pattern.pixels);
  });

  test("keeps the aspect ratio and fills the rest with black", () => {
    const wide = grey([[200, 200, 200, 200]]);

    expect([...fitImage(wide, 3, 4).pixels]).toEqual([0, 0, 0, 0, 200, 200, 200, 200, 0, 0, 0, 0]);
  });

  test("keeps one pixel of an image that is long and thin", () => {
    const line = grey([Array.from({ length: 100 }, () => 250)]);

    expect([...fitImage(line, 3, 3).pixels]).toEqual([0, 0, 0, 250, 250, 250, 0, 0, 0]);
  });

  test("treats channels apart", () => {
    const image = { height: 1, width: 2, channels: 3, pixels: Uint8Array.of(10, 20, 30, 30, 40, 50) };

    expect([...fitImage(image, 1, 1).pixels]).toEqual([20, 30, 40]);
  });
});

test("inverting exchanges light and dark", () => {
  expect([...invertImage(grey([[0, 1, 255]])).pixels]).toEqual([255, 254, 0]);
});
