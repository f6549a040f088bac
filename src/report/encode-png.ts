import { crc32, deflateSync } from "node:zlib";

/** An image to be shown. */
export interface ShownImage {
  readonly height: number;
  readonly width: number;
  /** 1 = grey, 3 = RGB. */
  readonly channels: number;
  /** Values 0…255, shape [height, width, channels], row-major. */
  readonly pixels: Uint8Array;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const colourTypes: Readonly<Record<number, number>> = { 1: 0, 3: 2 };

/**
 * An image as the bytes of a PNG file, 8 bits a value. The same image gives the same bytes.
 * @throws RangeError if it has neither 1 nor 3 channels, or too few values
 * @see https://www.w3.org/TR/png/
 */
export function encodePng({ height, width, channels, pixels }: ShownImage): Uint8Array {
  const colourType = colourTypes[channels];
  if (colourType === undefined) throw new RangeError(`an image of ${channels} channels can't be shown`);
  const rowLength = width * channels;
  if (pixels.length < height * rowLength) throw new RangeError(`${pixels.length} values for ${height} × ${rowLength}`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType, 0, 0, 0], 8);
  // Before each row stands the number of its filter: 0, none.
  const rows = Buffer.alloc(height * (rowLength + 1));
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * rowLength, (row + 1) * rowLength), row * (rowLength + 1) + 1);
  }
  const body = deflateSync(rows, { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))]);
}

/** An image as a `data:` address that stands for it in HTML and SVG. */
export function pngDataUrl(image: ShownImage): string {
  return `data:image/png;base64,${Buffer.from(encodePng(image)).toString("base64")}`;
}

/** Every pixel repeated `factor` times in both directions. */
export function enlarge({ height, width, channels, pixels }: ShownImage, factor: number): ShownImage {
  const enlarged = new Uint8Array(height * width * channels * factor * factor);
  const rowLength = width * channels * factor;
  for (let row = 0; row < height * factor; row++)
    for (let column = 0; column < width * factor; column++)
      for (let channel = 0; channel < channels; channel++) {
        const source = (Math.floor(row / factor) * width + Math.floor(column / factor)) * channels + channel;
        enlarged[row * rowLength + column * channels + channel] = pixels[source] ?? 0;
      }
  return { height: height * factor, width: width * factor, channels, pixels: enlarged };
}

function chunk(type: string, content: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}
