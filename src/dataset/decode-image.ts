import { readFile } from "node:fs/promises";
import { type Checked, refuse } from "./checked.ts";
import type { PixelImage } from "./image-codec.ts";
import { openCodec } from "./open-codec.ts";

/** An image in memory that says how many values a pixel has. */
export interface DecodedImage extends PixelImage {
  readonly channels: number;
}

/**
 * Reads an image file: PNG, JPEG, or whatever else the decoder knows. The orientation that cameras note is applied,
 * transparency is left out.
 * @param channels 1 = as grey, 3 = as RGB
 * @returns the image, or why it can't be had
 */
export async function decodeImageFile(file: string, channels: number): Promise<Checked<DecodedImage>> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes !== undefined) return decodeImage(bytes, channels, file);
  const fix = "check the path; it starts from the working directory";
  return refuse({ code: "missing-file", file, message: "there is no such image file", fix });
}

/**
 * Decodes the content of an image file.
 * @param bytes not in shared memory: decoders don't take it
 * @param channels 1 = as grey, 3 = as RGB
 * @param file what people know the image by
 * @returns the image, or why it can't be had
 */
export async function decodeImage(bytes: Uint8Array, channels: number, file: string): Promise<Checked<DecodedImage>> {
  const codec = await openCodec();
  if ("problems" in codec) return codec;
  try {
    return { value: { ...(await codec.value.decode(bytes, channels)), channels } };
  } catch (error) {
    const message = `the image can't be decoded: ${error instanceof Error ? error.message : String(error)}`;
    return refuse({ code: "wrong-format", file, message, fix: "give a PNG or JPEG file" });
  }
}
