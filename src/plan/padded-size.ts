import type { Pair } from "./window.ts";

/** Where a resized image lies in a larger one of zeros. */
export interface PaddedSize {
  /** Height and width of the image inside the padding. */
  readonly inner: Pair;
  /** Rows above and columns left of it. */
  readonly offset: Pair;
}

/**
 * The size that an image gets inside a frame when its aspect ratio is kept; computed in float32, as TensorFlow does.
 * @param source height and width of the image
 * @param frame height and width of the frame
 * @returns sizes may be 0 for images that are extremely long
 * @see tf.image.resize_with_pad (`_resize_image_with_pad_common`)
 */
export function padToFrame(source: Pair, frame: Pair): PaddedSize {
  const { fround, floor, max } = Math;
  const ratio = max(fround(source[1] / frame[1]), fround(source[0] / frame[0]));
  const along = (axis: 0 | 1) => {
    const exact = fround(source[axis] / ratio);
    return { inner: floor(exact), offset: max(0, floor(fround(fround(frame[axis] - exact) / 2))) };
  };
  const [vertical, horizontal] = [along(0), along(1)];
  return { inner: [vertical.inner, horizontal.inner], offset: [vertical.offset, horizontal.offset] };
}
