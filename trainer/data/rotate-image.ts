import { type Image, type OwnedImage, reuseImage } from "./image.ts";

/** Turns images; keeps what it needs for the next one. */
export class Rotation {
  /** The image in a black frame of one pixel, so that no neighbour is missing. */
  private framed: OwnedImage | undefined;

  /**
   * Turns an image about its middle, bilinear, black outside.
   * @param degrees positive = anticlockwise, as seen on the screen
   * @param result written, of the image's shape
   */
  turn(image: Image, degrees: number, result: OwnedImage): void {
    const { height, width, channels } = image;
    this.framed = frame(image, this.framed);
    const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
    let at = 0;
    for (let row = 0; row < height; row++) {
      const down = row - middleRow;
      for (let column = 0; column < width; column++, at += channels) {
        // Each pixel of the result is looked up where it comes from: the turn is done backwards.
        const right = column - middleColumn;
        const sourceColumn = middleColumn + right * cosine - down * sine;
        const sourceRow = middleRow + right * sine + down * cosine;
        sample(this.framed, sourceRow, sourceColumn, result.values, at);
      }
    }
  }
}

function frame(image: Image, last: OwnedImage | undefined): OwnedImage {
  const { height, width, channels, values } = image;
  const framed = reuseImage(last, { height: height + 2, width: width + 2, channels });
  const rowLength = width * channels;
  for (let row = 0; row < height; row++) {
    const start = ((row + 1) * framed.width + 1) * channels;
    for (let index = 0; index < rowLength; index++) framed.values[start + index] = values[row * rowLength + index] ?? 0;
  }
  return framed;
}

/** Writes the pixel between four of a framed image. @param row, column inside of the frame, not integers */
function sample(
  { height, width, channels, values }: OwnedImage,
  row: number,
  column: number,
  into: Float32Array,
  at: number,
): void {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const isOutside = top < -1 || top > height - 3 || left < -1 || left > width - 3;
  const rowShare = row - top;
  const columnShare = column - left;
  const above = ((top + 1) * width + left + 1) * channels;
  const below = above + width * channels;
  for (let channel = 0; channel < channels; channel++) {
    into[at + channel] = isOutside
      ? 0
      : mix(
          mix(values[above + channel] ?? 0, values[above + channels + channel] ?? 0, columnShare),
          mix(values[below + channel] ?? 0, values[below + channels + channel] ?? 0, columnShare),
          rowShare,
        );
  }
}

function mix(first: number, second: number, share: number): number {
  return first + (second - first) * share;
}
