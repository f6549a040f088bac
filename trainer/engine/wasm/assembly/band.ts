// A band: the part of the input that a convolution works on at once, copied with its padding, so that every pixel's
// window is a few contiguous runs and nothing needs a border case. A band is some whole images or some rows of one image.

import { FLOAT_BYTES, WindowGeometry, ceilingOf, floatAt, roundUp } from "./layout";
import { TILE_ROWS } from "./micro-kernel";

/** Output pixels of a band: enough to pay for reading the packed filter again. */
const MAX_PIXELS: i32 = 512;

/** Input floats of a band: 512 KiB, half of a second-level cache. */
const MAX_FLOATS: i32 = 131072;

/** Output rows of one image in a band; rows are spread evenly over an image's bands. */
export function bandRows(geometry: WindowGeometry): i32 {
  const rowFloats = paddedWidth(geometry) * geometry.inChannels * geometry.strideHeight;
  const limit = max(1, min(MAX_PIXELS / geometry.outWidth, MAX_FLOATS / rowFloats));
  return ceilingOf(geometry.outHeight, ceilingOf(geometry.outHeight, limit));
}

/** Images in a band: one unless whole images fit. */
export function bandImages(geometry: WindowGeometry, rows: i32): i32 {
  if (rows < geometry.outHeight) return 1;
  const byPixels = MAX_PIXELS / (geometry.outHeight * geometry.outWidth);
  const byFloats = MAX_FLOATS / (paddedHeight(geometry, rows) * paddedRowFloats(geometry));
  return min(geometry.batchSize, max(1, min(byPixels, byFloats)));
}

/** Input rows, with padding, that `rows` output rows need. */
@inline
export function paddedHeight(geometry: WindowGeometry, rows: i32): i32 {
  return (rows - 1) * geometry.strideHeight + geometry.windowHeight;
}

/** Floats of one input row with padding. */
@inline
export function paddedRowFloats(geometry: WindowGeometry): i32 {
  return paddedWidth(geometry) * geometry.inChannels;
}

@inline
function paddedWidth(geometry: WindowGeometry): i32 {
  return (geometry.outWidth - 1) * geometry.strideWidth + geometry.windowWidth;
}

/** Bytes of the largest band and a vector more, because packing reads whole vectors. */
export function bandBytes(geometry: WindowGeometry): usize {
  const rows = bandRows(geometry);
  const floats = bandImages(geometry, rows) * paddedHeight(geometry, rows) * paddedRowFloats(geometry);
  return (<usize>(roundUp(floats, 4) + 4)) * FLOAT_BYTES;
}

/** Bytes of the pixel offsets of the largest band. */
export function pixelOffsetsBytes(geometry: WindowGeometry): usize {
  const rows = bandRows(geometry);
  return (<usize>roundUp(bandImages(geometry, rows) * rows * geometry.outWidth, TILE_ROWS)) * FLOAT_BYTES;
}

/**
 * Copies the input of some output rows with its padding, shape [images, paddedHeight, paddedWidth, inChannels].
 * @param geometry the convolution
 * @param input shape [batchSize, inHeight, inWidth, inChannels]
 * @param firstImage first image of the band
 * @param images number of images
 * @param firstRow first output row of each image
 * @param rows output rows of each image
 * @param band where to, `bandBytes` bytes
 */
export function fillBand(
  geometry: WindowGeometry,
  input: usize,
  firstImage: i32,
  images: i32,
  firstRow: i32,
  rows: i32,
  band: usize,
): void {
  const height = paddedHeight(geometry, rows);
  const rowFloats = paddedRowFloats(geometry);
  const firstInputRow = firstRow * geometry.strideHeight - geometry.padTop;
  for (let image = firstImage; image < firstImage + images; image++) {
    const firstOfImage = image * geometry.inHeight;
    for (let y = firstInputRow; y < firstInputRow + height; y++) {
      const row = y / geometry.inSpacingHeight;
      if (y >= 0 && row < geometry.inHeight && row * geometry.inSpacingHeight == y) {
        fillRow(geometry, floatAt(input, (firstOfImage + row) * geometry.inWidth * geometry.inChannels), band);
      } else {
        memory.fill(band, 0, (<usize>rowFloats) * FLOAT_BYTES);
      }
      band = floatAt(band, rowFloats);
    }
  }
}

/** Copies one input row with its padding. */
function fillRow(geometry: WindowGeometry, source: usize, target: usize): void {
  const channels = geometry.inChannels;
  const width = paddedWidth(geometry);
  if (geometry.inSpacingWidth > 1) {
    spreadRow(geometry, source, target);
    return;
  }
  const begin = min(width, max(0, geometry.padLeft));
  const end = max(begin, min(width, geometry.padLeft + geometry.inWidth));
  const firstColumn = begin - geometry.padLeft;
  memory.fill(target, 0, (<usize>(begin * channels)) * FLOAT_BYTES);
  memory.copy(
    floatAt(target, begin * channels),
    floatAt(source, firstColumn * channels),
    (<usize>((end - begin) * channels)) * FLOAT_BYTES,
  );
  memory.fill(floatAt(target, end * channels), 0, (<usize>((width - end) * channels)) * FLOAT_BYTES);
}

/** Copies one input row with zeros between its columns and its padding. */
function spreadRow(geometry: WindowGeometry, source: usize, target: usize): void {
  const channels = geometry.inChannels;
  const width = paddedWidth(geometry);
  memory.fill(target, 0, (<usize>(width * channels)) * FLOAT_BYTES);
  for (let column = 0; column < geometry.inWidth; column++) {
    const x = geometry.padLeft + column * geometry.inSpacingWidth;
    if (x < 0 || x >= width) continue;
    const bytes = (<usize>channels) * FLOAT_BYTES;
    memory.copy(floatAt(target, x * channels), floatAt(source, column * channels), bytes);
  }
}

/**
 * Writes where in the band the window of each output pixel begins: uint32 byte offsets, the last repeated to fill a tile.
 * @returns number of pixels, images · rows · outWidth
 */
export function fillPixelOffsets(geometry: WindowGeometry, images: i32, rows: i32, offsets: usize): i32 {
  const height = paddedHeight(geometry, rows);
  const rowBytes = (<u32>paddedRowFloats(geometry)) * 4;
  const pixelBytes = (<u32>(geometry.strideWidth * geometry.inChannels)) * 4;
  let offset: u32 = 0;
  let pixel = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      offset = <u32>(image * height + row * geometry.strideHeight) * rowBytes;
      for (let x = 0; x < geometry.outWidth; x++) {
        store<u32>(floatAt(offsets, pixel), offset);
        offset += pixelBytes;
        pixel++;
      }
    }
  }
  const last = load<u32>(floatAt(offsets, pixel - 1));
  for (let filler = pixel; filler < roundUp(pixel, TILE_ROWS); filler++) store<u32>(floatAt(offsets, filler), last);
  return pixel;
}
