import type { Image, OwnedImage } from "./image.ts";

/** For each position of one axis of the result: the two source positions that it lies between, and where. */
interface AxisWeights {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** Share of the upper one, 0…1. */
  readonly share: Float32Array;
}

/** Where the result is written: a part of an image, at its row and column. */
export interface ResizeTarget {
  readonly image: OwnedImage;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Bilinear resize with half-pixel centres and without antialiasing; weights in float32, as TensorFlow's kernel does.
 * Each source row is scaled along its length once, in float64, however many rows of the result lie beside it.
 * @param source shape [height, width, channels]
 * @param target written inside its rectangle, with as many channels
 * @see tf.image.resize(method="bilinear", antialias=False); ResizeBilinear with half_pixel_centers
 */
export function resizeBilinear(source: Image, target: ResizeTarget): void {
  const { channels } = source;
  const { image, top, left, width } = target;
  const rows = axisWeights(source.height, target.height);
  const columns = axisWeights(source.width, width);
  const scaled = new ScaledRows(source, columns, width * channels);
  for (let row = 0; row < target.height; row++) {
    const above = scaled.at(rows.lower[row] ?? 0);
    const below = scaled.at(rows.upper[row] ?? 0);
    const start = ((top + row) * image.width + left) * channels;
    mixRows(above, below, { share: rows.share[row] ?? 0, into: image.values, start });
  }
}

/** Rows of the source, scaled along their length; the last two are remembered. */
class ScaledRows {
  private newest: ScaledRow;
  private older: ScaledRow;

  constructor(
    private readonly source: Image,
    private readonly columns: AxisWeights,
    length: number,
  ) {
    this.newest = { row: -1, values: new Float64Array(length) };
    this.older = { row: -1, values: new Float64Array(length) };
  }

  /** @returns valid until the next but one is asked for */
  at(row: number): Float64Array {
    if (this.newest.row === row) return this.newest.values;
    [this.newest, this.older] = [this.older, this.newest];
    if (this.newest.row !== row) scaleRow(this.source, row, this.columns, this.newest.values);
    this.newest.row = row;
    return this.newest.values;
  }
}

interface ScaledRow {
  row: number;
  readonly values: Float64Array;
}

function scaleRow({ values, width, channels }: Image, row: number, columns: AxisWeights, into: Float64Array): void {
  const start = row * width * channels;
  const count = columns.share.length;
  for (let column = 0, at = 0; column < count; column++) {
    const first = start + (columns.lower[column] ?? 0) * channels;
    const second = start + (columns.upper[column] ?? 0) * channels;
    const share = columns.share[column] ?? 0;
    for (let channel = 0; channel < channels; channel++, at++) {
      const left = values[first + channel] ?? 0;
      into[at] = left + ((values[second + channel] ?? 0) - left) * share;
    }
  }
}

function mixRows(
  above: Float64Array,
  below: Float64Array,
  { share, into, start }: { readonly share: number; readonly into: Float32Array; readonly start: number },
): void {
  for (let index = 0; index < above.length; index++) {
    const value = above[index] ?? 0;
    into[start + index] = value + ((below[index] ?? 0) - value) * share;
  }
}

const maxKnownAxes = 64;
const knownAxes = new Map<string, AxisWeights>();

/** Weights from one length to another; the newest are remembered, as most images of a data set have one size. */
function axisWeights(sourceLength: number, length: number): AxisWeights {
  const key = `${sourceLength} ${length}`;
  const known = knownAxes.get(key);
  if (known !== undefined) return known;
  const weights = computeWeights(sourceLength, length);
  if (knownAxes.size >= maxKnownAxes) knownAxes.clear();
  knownAxes.set(key, weights);
  return weights;
}

function computeWeights(sourceLength: number, length: number): AxisWeights {
  const { fround, floor, ceil, max, min } = Math;
  const lower = new Int32Array(length);
  const upper = new Int32Array(length);
  const share = new Float32Array(length);
  const scale = fround(sourceLength / length);
  for (let position = 0; position < length; position++) {
    const exact = fround(fround(fround(position + 0.5) * scale) - 0.5);
    lower[position] = max(floor(exact), 0);
    upper[position] = min(ceil(exact), sourceLength - 1);
    share[position] = exact - floor(exact);
  }
  return { lower, upper, share };
}
