import type { Image, OwnedImage } from "./image.ts";

/**
 * Turns an image about its middle, bilinear, black outside.
 * @param degrees positive = anticlockwise, as seen on the screen
 * @param result written, of the image's shape
 */
export function rotateImage(image: Image, degrees: number, result: OwnedImage): void {
  const { height, width, channels } = image;
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      // Each pixel of the result is looked up where it comes from: the turn is done backwards.
      const [down, right] = [row - middleRow, column - middleColumn];
      const sourceColumn = middleColumn + right * cosine - down * sine;
      const sourceRow = middleRow + right * sine + down * cosine;
      for (let channel = 0; channel < channels; channel++, at++)
        result.values[at] = sample(image, sourceRow, sourceColumn, channel);
    }
  }
}

function sample(image: Image, row: number, column: number, channel: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [rowShare, columnShare] = [row - top, column - left];
  const above = mix(pixelAt(image, top, left, channel), pixelAt(image, top, left + 1, channel), columnShare);
  const below = mix(pixelAt(image, top + 1, left, channel), pixelAt(image, top + 1, left + 1, channel), columnShare);
  return mix(above, below, rowShare);
}

function mix(first: number, second: number, share: number): number {
  return first + (second - first) * share;
}

function pixelAt({ height, width, channels, values }: Image, row: number, column: number, channel: number): number {
  if (row < 0 || row >= height || column < 0 || column >= width) return 0;
  return values[(row * width + column) * channels + channel] ?? 0;
}
