// Depthwise convolution: every input channel has its own `multiplier` filters. Forward and both gradients multiply the same
// triples (input pixel, filter position, output pixel); they differ only in which of the three receives the product.

import { FLOAT_BYTES, LANES, WindowGeometry, floatAt } from "./layout";

const TO_OUTPUT: i32 = 0;
const TO_INPUT: i32 = 1;
const TO_FILTER: i32 = 2;

/**
 * Depthwise convolution.
 * @param geometry the convolution; outChannels = inChannels · multiplier
 * @param input shape [batchSize, inHeight, inWidth, inChannels]
 * @param filter shape [windowHeight, windowWidth, inChannels, multiplier]
 * @param output shape [batchSize, outHeight, outWidth, outChannels], overwritten
 */
export function convolveDepthwise(geometry: WindowGeometry, input: usize, filter: usize, output: usize): void {
  const pixels = geometry.batchSize * geometry.outHeight * geometry.outWidth;
  memory.fill(output, 0, (<usize>(pixels * geometry.outChannels)) * FLOAT_BYTES);
  multiplyAll(geometry, input, filter, output, TO_OUTPUT);
}

/**
 * Gradient of a depthwise convolution with respect to its input.
 * @param geometry the forward convolution
 * @param outputGradient shape [batchSize, outHeight, outWidth, outChannels]
 * @param filter shape [windowHeight, windowWidth, inChannels, multiplier]
 * @param inputGradient shape [batchSize, inHeight, inWidth, inChannels], overwritten
 */
export function depthwiseInputGradient(
  geometry: WindowGeometry,
  outputGradient: usize,
  filter: usize,
  inputGradient: usize,
): void {
  const pixels = geometry.batchSize * geometry.inHeight * geometry.inWidth;
  memory.fill(inputGradient, 0, (<usize>(pixels * geometry.inChannels)) * FLOAT_BYTES);
  multiplyAll(geometry, inputGradient, filter, outputGradient, TO_INPUT);
}

/**
 * Gradient of a depthwise convolution with respect to its filter.
 * @param geometry the forward convolution
 * @param input shape [batchSize, inHeight, inWidth, inChannels]
 * @param outputGradient shape [batchSize, outHeight, outWidth, outChannels]
 * @param filterGradient shape [windowHeight, windowWidth, inChannels, multiplier], overwritten
 */
export function depthwiseFilterGradient(
  geometry: WindowGeometry,
  input: usize,
  outputGradient: usize,
  filterGradient: usize,
): void {
  const positions = geometry.windowHeight * geometry.windowWidth;
  memory.fill(filterGradient, 0, (<usize>(positions * geometry.outChannels)) * FLOAT_BYTES);
  multiplyAll(geometry, input, filterGradient, outputGradient, TO_FILTER);
}

/** Goes through all output pixels and, for each, the window positions that lie in the image. */
function multiplyAll(geometry: WindowGeometry, input: usize, filter: usize, output: usize, receiver: i32): void {
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      for (let x = 0; x < geometry.outWidth; x++) {
        const firstRow = y * geometry.strideHeight - geometry.padTop;
        const firstColumn = x * geometry.strideWidth - geometry.padLeft;
        multiplyWindow(geometry, input, filter, output, receiver, image, firstRow, firstColumn);
        output = floatAt(output, geometry.outChannels);
      }
    }
  }
}

/** All positions of one window; `output` is its pixel. */
@inline
function multiplyWindow(
  geometry: WindowGeometry,
  input: usize,
  filter: usize,
  output: usize,
  receiver: i32,
  image: i32,
  firstRow: i32,
  firstColumn: i32,
): void {
  for (let tapY = 0; tapY < geometry.windowHeight; tapY++) {
    const row = firstRow + tapY;
    if (row < 0 || row >= geometry.inHeight) continue;
    for (let tapX = 0; tapX < geometry.windowWidth; tapX++) {
      const column = firstColumn + tapX;
      if (column < 0 || column >= geometry.inWidth) continue;
      const position = (image * geometry.inHeight + row) * geometry.inWidth + column;
      const pixel = floatAt(input, position * geometry.inChannels);
      const tap = floatAt(filter, (tapY * geometry.windowWidth + tapX) * geometry.outChannels);
      if (receiver == TO_OUTPUT) addToMultiples(geometry, pixel, tap, output);
      else if (receiver == TO_FILTER) addToMultiples(geometry, pixel, output, tap);
      else addToChannels(geometry, output, tap, pixel);
    }
  }
}

/** target[c, m] += channels[c] · multiples[c, m]. */
@inline
function addToMultiples(geometry: WindowGeometry, channels: usize, multiples: usize, target: usize): void {
  const count = geometry.inChannels;
  const multiplier = geometry.outChannels / count;
  let channel = multiplier == 1 ? addProducts(channels, multiples, target, count) : 0;
  for (; channel < count; channel++) {
    const value = load<f32>(floatAt(channels, channel));
    for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
      const place = floatAt(target, i);
      store<f32>(place, load<f32>(place) + value * load<f32>(floatAt(multiples, i)));
    }
  }
}

/** target[c] += Σ over m: first[c, m] · second[c, m]. */
@inline
function addToChannels(geometry: WindowGeometry, first: usize, second: usize, target: usize): void {
  const count = geometry.inChannels;
  const multiplier = geometry.outChannels / count;
  let channel = multiplier == 1 ? addProducts(first, second, target, count) : 0;
  for (; channel < count; channel++) {
    const place = floatAt(target, channel);
    let sum = load<f32>(place);
    for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
      sum += load<f32>(floatAt(first, i)) * load<f32>(floatAt(second, i));
    }
    store<f32>(place, sum);
  }
}

/** target[i] += first[i] · second[i] for all whole vectors; returns the number of elements done. */
@inline
function addProducts(first: usize, second: usize, target: usize, count: i32): i32 {
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    const product = f32x4.mul(v128.load(floatAt(first, i)), v128.load(floatAt(second, i)));
    v128.store(floatAt(target, i), f32x4.add(v128.load(floatAt(target, i)), product));
  }
  return i;
}
