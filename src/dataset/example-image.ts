import type { DecodedImage } from "./decode-image.ts";
import type { Dataset, Examples } from "./dataset.ts";

/**
 * One image of a data set as it is stored.
 * @param index 0…examples.count-1
 * @throws RangeError if there is no such example
 */
export function exampleImage({ manifest }: Pick<Dataset, "manifest">, examples: Examples, index: number): DecodedImage {
  const [height, width, channels] = manifest.imageShape;
  if (!(index >= 0 && index < examples.count)) throw new RangeError(`example ${index} of ${examples.count}`);
  const size = height * width * channels;
  return { height, width, channels, pixels: examples.images.subarray(index * size, (index + 1) * size) };
}
