import type { Checked } from "./checked.ts";
import { decodeImage, type DecodedImage } from "./decode-image.ts";
import type { Dataset, Examples } from "./dataset.ts";

/**
 * One image of a data set as it is stored, before anything prepares it.
 * @param index 0…examples.count-1, in file order
 * @returns the image, or why it can't be decoded
 * @throws RangeError if there is no such example
 */
export async function exampleImage(
  { manifest }: Pick<Dataset, "manifest">,
  examples: Examples,
  index: number,
): Promise<Checked<DecodedImage>> {
  const [height, width, channels] = manifest.imageShape;
  if (!(index >= 0 && index < examples.count)) throw new RangeError(`example ${index} of ${examples.count}`);
  if ("encoded" in examples) {
    const { encoded, offsets, names } = examples;
    // A copy: decoders don't take shared memory.
    const bytes = new Uint8Array(encoded.subarray(offsets[index], offsets[index + 1]));
    return decodeImage(bytes, channels, names[index] ?? String(index));
  }
  const size = height * width * channels;
  return { value: { height, width, channels, pixels: examples.images.subarray(index * size, (index + 1) * size) } };
}
