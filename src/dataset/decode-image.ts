import { readFile } from "node:fs/promises";
import { type Checked, refuse } from "./checked.ts";

/** An image in memory. */
export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Grey or colour values 0…255, shape [height, width, channels], row-major. */
  readonly pixels: Uint8Array;
}

/**
 * Reads an image file: PNG, JPEG, or whatever else the decoder knows. The orientation that cameras note is applied,
 * transparency is left out.
 * @param channels 1 = as grey, 3 = as RGB
 * @returns the image, or why it can't be had
 */
export async function decodeImage(file: string, channels: number): Promise<Checked<DecodedImage>> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) {
    const fix = "check the path; it starts from the working directory";
    return refuse({ code: "missing-file", file, message: "there is no such image file", fix });
  }
  try {
    return { value: await decode(bytes, channels) };
  } catch (error) {
    const message = `the image can't be decoded: ${error instanceof Error ? error.message : String(error)}`;
    return refuse({ code: "wrong-format", file, message, fix: "give a PNG or JPEG file" });
  }
}

async function decode(bytes: Uint8Array, channels: number): Promise<DecodedImage> {
  // Loaded on first use: a native library that few commands need.
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .removeAlpha()
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`it has ${info.channels} channels instead of ${channels}`);
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { height: info.height, width: info.width, channels, pixels };
}
