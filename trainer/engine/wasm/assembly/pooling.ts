// Max and average pooling. Images are NHWC, so the channels of a pixel are contiguous. Whole windows of 2 × 2 pixels, by far
// the most frequent, have kernels of their own that take four channels at a time; others go channel by channel.

import { FLOAT_BYTES, LANES, WindowGeometry, floatAt } from "./layout";

/**
 * Maximum of every window; padding never wins. NaN is a maximum.
 * @param geometry the pooling; inChannels = outChannels
 * @param input shape [batchSize, inHeight, inWidth, channels]
 * @param output shape [batchSize, outHeight, outWidth, channels], overwritten
 */
export function maxPool(geometry: WindowGeometry, input: usize, output: usize): void {
  const isVector = geometry.inChannels >= LANES;
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      const top = topOf(geometry, y);
      const height = bottomOf(geometry, y) - top;
      for (let x = 0; x < geometry.outWidth; x++) {
        const left = leftOf(geometry, x);
        const width = rightOf(geometry, x) - left;
        const corner = pixelAt(geometry, input, image, top, left);
        if (height == 2 && width == 2 && isVector) maximumOfQuad(geometry, corner, output);
        else maximumOfWindow(geometry, corner, height, width, output);
        output = floatAt(output, geometry.inChannels);
      }
    }
  }
}

/** Maximum over the 2 × 2 pixels from `corner`, for at least 4 channels. */
@inline
function maximumOfQuad(geometry: WindowGeometry, corner: usize, output: usize): void {
  const channels = geometry.inChannels;
  const right = corner + pixelBytes(geometry);
  const below = corner + rowBytes(geometry);
  const across = below + pixelBytes(geometry);
  for (let channel = 0; channel < channels; channel = nextVector(channel, channels)) {
    const upper = f32x4.max(v128.load(floatAt(corner, channel)), v128.load(floatAt(right, channel)));
    const lower = f32x4.max(v128.load(floatAt(below, channel)), v128.load(floatAt(across, channel)));
    v128.store(floatAt(output, channel), f32x4.max(upper, lower));
  }
}

/** Maximum over `height` × `width` pixels from `corner`, for each channel. */
@inline
function maximumOfWindow(geometry: WindowGeometry, corner: usize, height: i32, width: i32, output: usize): void {
  const pixelStride = pixelBytes(geometry);
  const rowStride = rowBytes(geometry);
  for (let channel = 0; channel < geometry.inChannels; channel++) {
    let row = floatAt(corner, channel);
    let maximum: f32 = -Infinity;
    for (let y = 0; y < height; y++) {
      let pixel = row;
      for (let x = 0; x < width; x++) {
        maximum = max<f32>(maximum, load<f32>(pixel));
        pixel += pixelStride;
      }
      row += rowStride;
    }
    store<f32>(floatAt(output, channel), maximum);
  }
}

/**
 * Gradient of max pooling: each output gradient goes to the first maximum of its window in row-major order.
 * @param geometry the pooling
 * @param input shape [batchSize, inHeight, inWidth, channels]
 * @param output maxima of the forward pass, shape [batchSize, outHeight, outWidth, channels]
 * @param outputGradient same shape as `output`
 * @param inputGradient same shape as `input`, overwritten
 */
export function maxPoolGradient(
  geometry: WindowGeometry,
  input: usize,
  output: usize,
  outputGradient: usize,
  inputGradient: usize,
): void {
  const isVector = geometry.inChannels >= LANES && !windowsOverlap(geometry);
  if (!isVector || !quadsTile(geometry)) memory.fill(inputGradient, 0, rowBytes(geometry) * <usize>imageRows(geometry));
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      const top = topOf(geometry, y);
      const height = bottomOf(geometry, y) - top;
      for (let x = 0; x < geometry.outWidth; x++) {
        const left = leftOf(geometry, x);
        const width = rightOf(geometry, x) - left;
        const corner = pixelAt(geometry, input, image, top, left);
        const target = pixelAt(geometry, inputGradient, image, top, left);
        if (height == 2 && width == 2 && isVector) writeToQuad(geometry, corner, output, outputGradient, target);
        else addToMaxima(geometry, corner, height, width, output, outputGradient, target);
        output = floatAt(output, geometry.inChannels);
        outputGradient = floatAt(outputGradient, geometry.inChannels);
      }
    }
  }
}

/** Writes the gradient of 2 × 2 pixels that lie in no other window, for at least 4 channels. */
@inline
function writeToQuad(
  geometry: WindowGeometry,
  corner: usize,
  output: usize,
  outputGradient: usize,
  target: usize,
): void {
  const channels = geometry.inChannels;
  const right = pixelBytes(geometry);
  const below = rowBytes(geometry);
  const across = right + below;
  for (let channel = 0; channel < channels; channel = nextVector(channel, channels)) {
    const source = floatAt(corner, channel);
    const place = floatAt(target, channel);
    const maximum = v128.load(floatAt(output, channel));
    let pending = v128.load(floatAt(outputGradient, channel));
    let isMaximum = f32x4.eq(v128.load(source), maximum);
    v128.store(place, v128.and(pending, isMaximum));
    pending = v128.andnot(pending, isMaximum);
    isMaximum = f32x4.eq(v128.load(source + right), maximum);
    v128.store(place + right, v128.and(pending, isMaximum));
    pending = v128.andnot(pending, isMaximum);
    isMaximum = f32x4.eq(v128.load(source + below), maximum);
    v128.store(place + below, v128.and(pending, isMaximum));
    pending = v128.andnot(pending, isMaximum);
    isMaximum = f32x4.eq(v128.load(source + across), maximum);
    v128.store(place + across, v128.and(pending, isMaximum));
  }
}

/** Adds the output gradient of one window, for each channel, to the first maximum; a window in the padding has none. */
@inline
function addToMaxima(
  geometry: WindowGeometry,
  corner: usize,
  height: i32,
  width: i32,
  output: usize,
  outputGradient: usize,
  target: usize,
): void {
  if (height <= 0 || width <= 0) return;
  for (let channel = 0; channel < geometry.inChannels; channel++) {
    const offset = firstMaximum(geometry, floatAt(corner, channel), height, width, load<f32>(floatAt(output, channel)));
    const place = floatAt(target, channel) + offset;
    store<f32>(place, load<f32>(place) + load<f32>(floatAt(outputGradient, channel)));
  }
}

/** Byte offset from `corner` of the first of `height` × `width` pixels that equals the maximum; 0 if none does (NaN). */
@inline
function firstMaximum(geometry: WindowGeometry, corner: usize, height: i32, width: i32, maximum: f32): usize {
  const pixelStride = pixelBytes(geometry);
  const rowStride = rowBytes(geometry);
  let row: usize = 0;
  for (let y = 0; y < height; y++) {
    let pixel = row;
    for (let x = 0; x < width; x++) {
      if (load<f32>(corner + pixel) == maximum) return pixel;
      pixel += pixelStride;
    }
    row += rowStride;
  }
  return 0;
}

/**
 * Gradient of average pooling: each output gradient is shared equally by the pixels of its window, padding not counted.
 * @param geometry the pooling
 * @param outputGradient shape [batchSize, outHeight, outWidth, channels]
 * @param inputGradient shape [batchSize, inHeight, inWidth, channels], overwritten
 */
export function averagePoolGradient(geometry: WindowGeometry, outputGradient: usize, inputGradient: usize): void {
  memory.fill(inputGradient, 0, rowBytes(geometry) * <usize>imageRows(geometry));
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      const top = topOf(geometry, y);
      const height = bottomOf(geometry, y) - top;
      for (let x = 0; x < geometry.outWidth; x++) {
        const left = leftOf(geometry, x);
        const width = rightOf(geometry, x) - left;
        shareEqually(geometry, pixelAt(geometry, inputGradient, image, top, left), height, width, outputGradient);
        outputGradient = floatAt(outputGradient, geometry.inChannels);
      }
    }
  }
}

/** Adds the output gradient of one window, divided by its number of pixels, to each of them. */
@inline
function shareEqually(geometry: WindowGeometry, corner: usize, height: i32, width: i32, outputGradient: usize): void {
  const channels = geometry.inChannels;
  const pixelStride = pixelBytes(geometry);
  const rowStride = rowBytes(geometry);
  const weight: f32 = 1 / <f32>(height * width);
  let row = corner;
  for (let y = 0; y < height; y++) {
    let pixel = row;
    for (let x = 0; x < width; x++) {
      let channel = 0;
      for (; channel + LANES <= channels; channel += LANES) {
        const place = floatAt(pixel, channel);
        const share = f32x4.mul(v128.load(floatAt(outputGradient, channel)), f32x4.splat(weight));
        v128.store(place, f32x4.add(v128.load(place), share));
      }
      for (; channel < channels; channel++) {
        const place = floatAt(pixel, channel);
        store<f32>(place, load<f32>(place) + load<f32>(floatAt(outputGradient, channel)) * weight);
      }
      pixel += pixelStride;
    }
    row += rowStride;
  }
}

/** First channel of the next vector; the last vector moves back to end with the last of at least 4 channels. */
@inline
function nextVector(channel: i32, channels: i32): i32 {
  const next = channel + LANES;
  return next < channels ? min(next, channels - LANES) : next;
}

/** Whether a pixel can lie in two windows. */
function windowsOverlap(geometry: WindowGeometry): bool {
  return geometry.windowHeight > geometry.strideHeight || geometry.windowWidth > geometry.strideWidth;
}

/** Whether every pixel lies in exactly one window and every window has 2 × 2 pixels. */
function quadsTile(geometry: WindowGeometry): bool {
  return (
    geometry.windowHeight == 2 &&
    geometry.windowWidth == 2 &&
    geometry.strideHeight == 2 &&
    geometry.strideWidth == 2 &&
    geometry.padTop == 0 &&
    geometry.padLeft == 0 &&
    geometry.inHeight == 2 * geometry.outHeight &&
    geometry.inWidth == 2 * geometry.outWidth
  );
}

/** First input row in the window of output row `y`. */
@inline
function topOf(geometry: WindowGeometry, y: i32): i32 {
  return max(0, y * geometry.strideHeight - geometry.padTop);
}

/** The input row after the last in the window of output row `y`. */
@inline
function bottomOf(geometry: WindowGeometry, y: i32): i32 {
  return min(geometry.inHeight, y * geometry.strideHeight - geometry.padTop + geometry.windowHeight);
}

/** First input column in the window of output column `x`. */
@inline
function leftOf(geometry: WindowGeometry, x: i32): i32 {
  return max(0, x * geometry.strideWidth - geometry.padLeft);
}

/** The input column after the last in the window of output column `x`. */
@inline
function rightOf(geometry: WindowGeometry, x: i32): i32 {
  return min(geometry.inWidth, x * geometry.strideWidth - geometry.padLeft + geometry.windowWidth);
}

/** Address of an input pixel's first channel. */
@inline
function pixelAt(geometry: WindowGeometry, images: usize, image: i32, row: i32, column: i32): usize {
  return floatAt(images, ((image * geometry.inHeight + row) * geometry.inWidth + column) * geometry.inChannels);
}

/** Bytes of one input pixel. */
@inline
function pixelBytes(geometry: WindowGeometry): usize {
  return (<usize>geometry.inChannels) * FLOAT_BYTES;
}

/** Bytes of one input row. */
@inline
function rowBytes(geometry: WindowGeometry): usize {
  return (<usize>(geometry.inWidth * geometry.inChannels)) * FLOAT_BYTES;
}

/** Rows of all input images. */
@inline
function imageRows(geometry: WindowGeometry): i32 {
  return geometry.batchSize * geometry.inHeight;
}
