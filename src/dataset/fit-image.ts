import type { DecodedImage } from "./decode-image.ts";

/**
 * Scales an image into a frame: the aspect ratio is kept, the image stands in the middle, the rest is black.
 * Bilinear with a filter that grows with the reduction, so that a photo made small keeps what is in it; enlarged, it
 * is plain bilinear interpolation between pixel centres.
 * @returns shape [height, width, image.channels]
 * @see PIL.Image.resize with `Resampling.BILINEAR`; tf.image.resize_with_pad with `antialias=True`
 */
export function fitImage(image: DecodedImage, height: number, width: number): DecodedImage {
  const scale = Math.min(height / image.height, width / image.width);
  const inner = {
    height: Math.max(1, Math.min(height, Math.round(image.height * scale))),
    width: Math.max(1, Math.min(width, Math.round(image.width * scale))),
  };
  const scaled = scaleImage(image, inner.height, inner.width);
  const top = Math.floor((height - inner.height) / 2);
  const left = Math.floor((width - inner.width) / 2);
  const { channels } = image;
  const pixels = new Uint8Array(height * width * channels);
  for (let row = 0; row < inner.height; row++) {
    for (let value = 0; value < inner.width * channels; value++) {
      const target = ((top + row) * width + left) * channels + value;
      pixels[target] = scaled.pixels[row * inner.width * channels + value] ?? 0;
    }
  }
  return { height, width, channels, pixels };
}

/** The image, made smaller if one of its sides is longer than `side`. */
export function shrinkImage(image: DecodedImage, side: number): DecodedImage {
  const scale = side / Math.max(image.height, image.width);
  if (scale >= 1) return image;
  return scaleImage(image, Math.max(1, Math.round(image.height * scale)), Math.max(1, Math.round(image.width * scale)));
}

function scaleImage(image: DecodedImage, height: number, width: number): DecodedImage {
  // Rows first: photos are large, and what is transposed is small then.
  const fewRows = scaleRows({ ...image, values: image.pixels }, height);
  const { values } = transposed(scaleRows(transposed(fewRows), width));
  return { height, width, channels: image.channels, pixels: Uint8Array.from(values, Math.round) };
}

/** Light becomes dark and dark becomes light. */
export function invertImage(image: DecodedImage): DecodedImage {
  return { ...image, pixels: image.pixels.map((value) => 255 - value) };
}

interface Grid {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float64Array | Uint8Array;
}

function transposed({ height, width, channels, values }: Grid): Grid {
  const result = new Float64Array(values.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++)
        result[(column * height + row) * channels + channel] = values[(row * width + column) * channels + channel] ?? 0;
  return { height: width, width: height, channels, values: result };
}

/** Scales along the first axis: each new row is a mean of the rows near it, weighted by a triangle. */
function scaleRows({ height, width, channels, values }: Grid, newHeight: number): Grid {
  const rowLength = width * channels;
  const result = new Float64Array(newHeight * rowLength);
  const scale = height / newHeight;
  const reach = Math.max(scale, 1);
  for (let row = 0; row < newHeight; row++) {
    const center = (row + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - reach));
    const end = Math.min(height, Math.ceil(center + reach));
    const weights = Array.from({ length: end - first }, (_, index) =>
      Math.max(0, 1 - Math.abs((first + index + 0.5 - center) / reach)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries())
      for (let value = 0; value < rowLength; value++) {
        const source = values[(first + index) * rowLength + value] ?? 0;
        result[row * rowLength + value] = (result[row * rowLength + value] ?? 0) + (source * weight) / total;
      }
  }
  return { height: newHeight, width, channels, values: result };
}
