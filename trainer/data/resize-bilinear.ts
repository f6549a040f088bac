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
 * @param source shape [height, width, channels]
 * @param target written inside its rectangle, with as many channels
 * @see tf.image.resize(method="bilinear", antialias=False); ResizeBilinear with half_pixel_centers
 */
export function resizeBilinear(source: Image, target: ResizeTarget): void {
  const { values, channels } = source;
  const { image, top, left } = target;
  const rows = axisWeights(source.height, target.height);
  const columns = axisWeights(source.width, target.width);
  const sourceStride = source.width * channels;
  for (let row = 0; row < target.height; row++) {
    const upperRow = (rows.lower[row] ?? 0) * sourceStride;
    const lowerRow = (rows.upper[row] ?? 0) * sourceStride;
    const rowShare = rows.share[row] ?? 0;
    let at = ((top + row) * image.width + left) * channels;
    for (let column = 0; column < target.width; column++) {
      const first = (columns.lower[column] ?? 0) * channels;
      const second = (columns.upper[column] ?? 0) * channels;
      const share = columns.share[column] ?? 0;
      for (let channel = 0; channel < channels; channel++, at++) {
        const topLeft = values[upperRow + first + channel] ?? 0;
        const topRight = values[upperRow + second + channel] ?? 0;
        const bottomLeft = values[lowerRow + first + channel] ?? 0;
        const bottomRight = values[lowerRow + second + channel] ?? 0;
        const above = topLeft + (topRight - topLeft) * share;
        const below = bottomLeft + (bottomRight - bottomLeft) * share;
        image.values[at] = above + (below - above) * rowShare;
      }
    }
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
