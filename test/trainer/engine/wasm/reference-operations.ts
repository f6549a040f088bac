// The operations under test, in float64 and as plainly as possible.
import { type Array64, arrayOf, sizeOf } from "./random-array.ts";

export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "same" | "valid";
}

/** Element of an array; 0 outside of it. */
function at({ shape, values }: Array64, ...position: readonly number[]): number {
  let index = 0;
  for (const [axis, length] of shape.entries()) {
    const coordinate = position[axis] ?? 0;
    if (coordinate < 0 || coordinate >= length) return 0;
    index = index * length + coordinate;
  }
  return values[index] ?? 0;
}

/** Calls back with the position of every element, row-major. */
function build(shape: readonly number[], valueAt: (position: readonly number[]) => number): Array64 {
  return arrayOf(shape, (index) => {
    const position: number[] = [];
    let rest = index;
    for (const length of shape.toReversed()) {
      position.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return valueAt(position);
  });
}

function sum(count: number, term: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < count; index++) total += term(index);
  return total;
}

/** Output length and padding before the first element, as TensorFlow defines them. */
function slide(length: number, size: number, stride: number, padding: "same" | "valid"): [number, number] {
  if (padding === "valid") return [Math.floor((length - size) / stride) + 1, 0];
  const count = Math.ceil(length / stride);
  return [count, Math.floor(Math.max(0, (count - 1) * stride + size - length) / 2)];
}

/** x: [batch, height, width, in], filter: [height, width, in, out]. */
export function convolution(x: Array64, filter: Array64, { size, strides, padding }: Window): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [rows, top] = slide(height, size[0], strides[0], padding);
  const [columns, left] = slide(width, size[1], strides[1], padding);
  return build([batch, rows, columns, filter.shape[3] ?? 0], ([image = 0, row = 0, column = 0, out = 0]) =>
    sum(size[0] * size[1] * channels, (index) => {
      const channel = index % channels;
      const tapX = Math.floor(index / channels) % size[1];
      const tapY = Math.floor(index / channels / size[1]);
      const pixel = at(x, image, row * strides[0] - top + tapY, column * strides[1] - left + tapX, channel);
      return pixel * at(filter, tapY, tapX, channel, out);
    }),
  );
}

/** Puts zeros around images: numbers of rows above and below, of columns left and right. */
export function padImages(x: Array64, rows: readonly [number, number], columns: readonly [number, number]): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const shape = [batch, height + rows[0] + rows[1], width + columns[0] + columns[1], channels];
  return build(shape, ([image = 0, row = 0, column = 0, channel = 0]) =>
    at(x, image, row - rows[0], column - columns[0], channel),
  );
}

/** x: [batch, height, width, in], filter: [height, width, in, multiplier]. */
export function depthwiseConvolution(x: Array64, filter: Array64, { size, strides, padding }: Window): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const multiplier = filter.shape[3] ?? 0;
  const [rows, top] = slide(height, size[0], strides[0], padding);
  const [columns, left] = slide(width, size[1], strides[1], padding);
  return build([batch, rows, columns, channels * multiplier], ([image = 0, row = 0, column = 0, out = 0]) =>
    sum(size[0] * size[1], (index) => {
      const tapX = index % size[1];
      const tapY = Math.floor(index / size[1]);
      const channel = Math.floor(out / multiplier);
      const pixel = at(x, image, row * strides[0] - top + tapY, column * strides[1] - left + tapX, channel);
      return pixel * at(filter, tapY, tapX, channel, out % multiplier);
    }),
  );
}

/** Maximum or mean of the pixels of every window that lie in the image. */
export function pooling(x: Array64, kind: "max" | "average", { size, strides, padding }: Window): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [rows, top] = slide(height, size[0], strides[0], padding);
  const [columns, left] = slide(width, size[1], strides[1], padding);
  return build([batch, rows, columns, channels], ([image = 0, row = 0, column = 0, channel = 0]) => {
    const pixels: number[] = [];
    for (let y = row * strides[0] - top; y < row * strides[0] - top + size[0]; y++) {
      for (
        let pixelColumn = column * strides[1] - left;
        pixelColumn < column * strides[1] - left + size[1];
        pixelColumn++
      ) {
        if (y >= 0 && y < height && pixelColumn >= 0 && pixelColumn < width)
          pixels.push(at(x, image, y, pixelColumn, channel));
      }
    }
    return kind === "max" ? Math.max(...pixels) : sum(pixels.length, (index) => pixels[index] ?? 0) / pixels.length;
  });
}

/** Matrix product of the last two axes, transposed if asked for; leading axes broadcast. */
export function matrixProduct(a: Array64, b: Array64, transposeA: boolean, transposeB: boolean): Array64 {
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShape(batchA, batchB);
  const depth = a.shape.at(transposeA ? -2 : -1) ?? 0;
  const shape = [...batch, a.shape.at(transposeA ? -1 : -2) ?? 0, b.shape.at(transposeB ? -2 : -1) ?? 0];
  return build(shape, (position) => {
    const [row = 0, column = 0] = position.slice(-2);
    const matrixA = alignedPosition(position.slice(0, -2), batchA);
    const matrixB = alignedPosition(position.slice(0, -2), batchB);
    return sum(depth, (k) => {
      const left = transposeA ? at(a, ...matrixA, k, row) : at(a, ...matrixA, row, k);
      return left * (transposeB ? at(b, ...matrixB, column, k) : at(b, ...matrixB, k, column));
    });
  });
}

function broadcastShape(first: readonly number[], second: readonly number[]): number[] {
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(first[axis - rank + first.length] ?? 1, second[axis - rank + second.length] ?? 1),
  );
}

function alignedPosition(position: readonly number[], shape: readonly number[]): number[] {
  return shape.map((length, axis) => (length === 1 ? 0 : (position[axis + position.length - shape.length] ?? 0)));
}

/** Adds one number per column. */
export function addPerColumn(x: Array64, bias: Array64): Array64 {
  const columns = sizeOf(bias.shape);
  return arrayOf(x.shape, (index) => (x.values[index] ?? 0) + (bias.values[index % columns] ?? 0));
}

/** Applies a function to every element. */
export function map(x: Array64, transform: (value: number) => number): Array64 {
  return { shape: x.shape, values: x.values.map(transform) };
}

/** Sum over the first `count` axes. */
export function sumOverLeading(x: Array64, count: number): Array64 {
  const shape = x.shape.slice(count);
  const columns = sizeOf(shape);
  return arrayOf(shape, (column) => sum(x.values.length / columns, (row) => x.values[row * columns + column] ?? 0));
}
