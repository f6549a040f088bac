import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";

/** What an image of a generated folder looks like. */
export interface DrawnImage {
  readonly height?: number;
  readonly width?: number;
  /** Red, green and blue of all pixels; one number = grey. Transparent with a fourth. */
  readonly colour?: number | readonly number[];
  /** EXIF orientation, 1…8. */
  readonly orientation?: number;
}

/** The bytes of an image of one colour. @param name its end tells the format */
export function drawImage(name: string, image: DrawnImage = {}): Promise<Buffer> {
  const { height = 4, width = 4, colour = [10, 20, 30], orientation } = image;
  const values = typeof colour === "number" ? [colour] : colour;
  const channels = ([1, 2, 3, 4] as const).find((count) => count === values.length) ?? 3;
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, index) => values[index % channels] ?? 0);
  const drawn = sharp(pixels, { raw: { height, width, channels } });
  const grey = channels === 1 ? drawn.toColourspace("b-w") : drawn;
  const formatted = name.endsWith(".png") ? grey.png() : grey.jpeg({ quality: 100 });
  return (orientation === undefined ? formatted : formatted.withMetadata({ orientation })).toBuffer();
}

/** Writes images into a folder, by their path in it. */
export async function writeImages(folder: string, images: Readonly<Record<string, DrawnImage>>): Promise<void> {
  for (const [name, image] of Object.entries(images)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), await drawImage(name, image));
  }
}
