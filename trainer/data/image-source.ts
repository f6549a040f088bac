import type { EncodedExamples, Examples, PixelExamples } from "../../src/dataset/dataset.ts";
import { loadImageCodec } from "../../src/dataset/image-codec.ts";
import { DataError } from "./data-error.ts";
import type { Image } from "./image.ts";

/** Shape of the images as they are stored; sizes only hold where all images have one size. */
export type StoredShape = readonly [height: number, width: number, channels: number];

/** Few: images may be large, and decoding uses threads of its own. */
const decodedAhead = 4;

/**
 * Gives images one after another, decoding a few ahead if they are encoded.
 * @param chosen indexes of the examples, in the order in which they are wanted
 * @param use takes each image with its place in `chosen`; the image is valid until it returns
 * @throws DataError naming the file of an image that can't be decoded
 */
export async function forEachImage(
  examples: Examples,
  shape: StoredShape,
  chosen: Uint32Array,
  use: (image: Image, place: number) => void,
): Promise<void> {
  if ("images" in examples) return forEachStored(examples, shape, chosen, use);
  const waiting: Promise<Image>[] = [];
  const start = (place: number): void => {
    if (place >= chosen.length) return;
    const decoding = decode(examples, shape[2], chosen[place] ?? 0);
    // It is awaited later; an error must not count as unhandled until then.
    decoding.catch(() => undefined);
    waiting.push(decoding);
  };
  for (let place = 0; place < decodedAhead; place++) start(place);
  for (let place = 0; place < chosen.length; place++) {
    const image = await waiting.shift();
    start(place + decodedAhead);
    if (image !== undefined) use(image, place);
  }
}

function forEachStored(
  { images }: PixelExamples,
  [height, width, channels]: StoredShape,
  chosen: Uint32Array,
  use: (image: Image, place: number) => void,
): void {
  const size = height * width * channels;
  for (const [place, example] of chosen.entries()) {
    const values = images.subarray(example * size, (example + 1) * size);
    use({ height, width, channels, values }, place);
  }
}

async function decode(examples: EncodedExamples, channels: number, example: number): Promise<Image> {
  const { encoded, offsets, names } = examples;
  const codec = await loadImageCodec();
  // A copy: decoders don't take shared memory.
  const bytes = new Uint8Array(encoded.subarray(offsets[example], offsets[example + 1]));
  try {
    const { height, width, pixels } = await codec.decode(bytes, channels);
    return { height, width, channels, values: pixels };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`the image ${names[example] ?? example} can't be decoded: ${reason}. Replace or remove it.`);
  }
}
