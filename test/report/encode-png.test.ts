import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { encodePng, enlarge, pngDataUrl, type ShownImage } from "../../src/report/encode-png.ts";
import { renderSampleGrid } from "../../src/report/render-sample-grid.ts";

const images = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 3))
  .chain(([height, width, channels]) =>
    fc
      .uint8Array({ minLength: height * width * channels, maxLength: height * width * channels })
      .map((pixels): ShownImage => ({ height, width, channels, pixels })),
  );

describe("an encoded PNG", () => {
  test("is decoded to the same image by another library", async () => {
    await fc.assert(
      fc.asyncProperty(images, async (image) => {
        const decoder = sharp(encodePng(image)).toColourspace(image.channels === 1 ? "b-w" : "srgb");
        const { data, info } = await decoder.raw().toBuffer({ resolveWithObject: true });
        expect([info.height, info.width, info.channels]).toEqual([image.height, image.width, image.channels]);
        expect(new Uint8Array(data)).toEqual(new Uint8Array(image.pixels));
      }),
      { numRuns: 50 },
    );
  });

  test("is refused of an image that no PNG can hold", () => {
    expect(() => encodePng({ height: 1, width: 1, channels: 2, pixels: new Uint8Array(2) })).toThrow("2 channels");
    expect(() => encodePng({ height: 2, width: 1, channels: 1, pixels: new Uint8Array(1) })).toThrow(RangeError);
  });
});

test("an enlarged image repeats every pixel in both directions", () => {
  const image = { height: 1, width: 2, channels: 1, pixels: Uint8Array.of(1, 2) };

  expect([...enlarge(image, 2).pixels]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
});

describe("a grid of samples", () => {
  const image = { height: 2, width: 2, channels: 1, pixels: Uint8Array.of(0, 80, 160, 255) };

  test("stands in rows and columns, with the images inside and text that can't break out", () => {
    const svg = renderSampleGrid(
      ["a", "b", `<script>"&`].map((caption) => ({ image, caption })),
      2,
    );

    expect(svg.match(/<image /g)).toHaveLength(3);
    expect(svg).toContain(pngDataUrl(enlarge(image, 56)));
    expect(svg).toContain(">&lt;script&gt;&quot;&amp;</text>");
    expect(svg).not.toContain("<script");
    // Two rows of 112 pixels, captions and gaps.
    expect(svg).toContain('width="260" height="304"');
  });
});
