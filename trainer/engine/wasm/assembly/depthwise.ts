// Gradients of depthwise convolution: every input channel has its own `multiplier` filters. Window position by window
// position, pixel by pixel; channels are contiguous.

import { FLOAT_BYTES, LANES, WindowGeometry, floatAt } from "./layout";

/**
 * Gradient of a depthwise convolution with respect to its input.
 * @param geometry the forward convolution; outChannels = inChannels · multiplier
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
  const floats = geometry.batchSize * geometry.inHeight * geometry.inWidth * geometry.inChannels;
  memory.fill(inputGradient, 0, (<usize>floats) * FLOAT_BYTES);
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      for (let x = 0; x < geometry.outWidth; x++) {
        const gradient = outputAt(geometry, outputGradient, image, y, x);
        for (let tapY = 0; tapY < geometry.windowHeight; tapY++) {
          const row = y * geometry.strideHeight - geometry.padTop + tapY;
          if (row < 0 || row >= geometry.inHeight) continue;
          for (let tapX = 0; tapX < geometry.windowWidth; tapX++) {
            const column = x * geometry.strideWidth - geometry.padLeft + tapX;
            if (column < 0 || column >= geometry.inWidth) continue;
            const target = inputAt(geometry, inputGradient, image, row, column);
            addToInput(geometry, gradient, filterAt(geometry, filter, tapY, tapX), target);
          }
        }
      }
    }
  }
}

/**
 * Gradient of a depthwise convolution with respect to its filter.
 * @param geometry the forward convolution; outChannels = inChannels · multiplier
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
  const floats = geometry.windowHeight * geometry.windowWidth * geometry.outChannels;
  memory.fill(filterGradient, 0, (<usize>floats) * FLOAT_BYTES);
  for (let image = 0; image < geometry.batchSize; image++) {
    for (let y = 0; y < geometry.outHeight; y++) {
      for (let x = 0; x < geometry.outWidth; x++) {
        const gradient = outputAt(geometry, outputGradient, image, y, x);
        for (let tapY = 0; tapY < geometry.windowHeight; tapY++) {
          const row = y * geometry.strideHeight - geometry.padTop + tapY;
          if (row < 0 || row >= geometry.inHeight) continue;
          for (let tapX = 0; tapX < geometry.windowWidth; tapX++) {
            const column = x * geometry.strideWidth - geometry.padLeft + tapX;
            if (column < 0 || column >= geometry.inWidth) continue;
            const source = inputAt(geometry, input, image, row, column);
            addToFilter(geometry, source, gradient, filterAt(geometry, filterGradient, tapY, tapX));
          }
        }
      }
    }
  }
}

/** input[c] += Σ multiples m: gradient[c, m] · filter[c, m]. */
@inline
function addToInput(geometry: WindowGeometry, gradient: usize, filter: usize, input: usize): void {
  const channels = geometry.inChannels;
  const multiplier = geometry.outChannels / channels;
  let channel = 0;
  if (multiplier == 1) {
    for (; channel + LANES <= channels; channel += LANES) {
      const product = f32x4.mul(v128.load(floatAt(gradient, channel)), v128.load(floatAt(filter, channel)));
      v128.store(floatAt(input, channel), f32x4.add(v128.load(floatAt(input, channel)), product));
    }
  }
  for (; channel < channels; channel++) {
    let sum: f32 = load<f32>(floatAt(input, channel));
    for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
      sum += load<f32>(floatAt(gradient, i)) * load<f32>(floatAt(filter, i));
    }
    store<f32>(floatAt(input, channel), sum);
  }
}

/** filter[c, m] += input[c] · gradient[c, m]. */
@inline
function addToFilter(geometry: WindowGeometry, input: usize, gradient: usize, filter: usize): void {
  const channels = geometry.inChannels;
  const multiplier = geometry.outChannels / channels;
  let channel = 0;
  if (multiplier == 1) {
    for (; channel + LANES <= channels; channel += LANES) {
      const product = f32x4.mul(v128.load(floatAt(gradient, channel)), v128.load(floatAt(input, channel)));
      v128.store(floatAt(filter, channel), f32x4.add(v128.load(floatAt(filter, channel)), product));
    }
  }
  for (; channel < channels; channel++) {
    const value = load<f32>(floatAt(input, channel));
    for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
      store<f32>(floatAt(filter, i), load<f32>(floatAt(filter, i)) + value * load<f32>(floatAt(gradient, i)));
    }
  }
}

@inline
function outputAt(geometry: WindowGeometry, images: usize, image: i32, row: i32, column: i32): usize {
  return floatAt(images, ((image * geometry.outHeight + row) * geometry.outWidth + column) * geometry.outChannels);
}

@inline
function inputAt(geometry: WindowGeometry, images: usize, image: i32, row: i32, column: i32): usize {
  return floatAt(images, ((image * geometry.inHeight + row) * geometry.inWidth + column) * geometry.inChannels);
}

@inline
function filterAt(geometry: WindowGeometry, filter: usize, tapY: i32, tapX: i32): usize {
  return floatAt(filter, (tapY * geometry.windowWidth + tapX) * geometry.outChannels);
}
