import { AvgPool, AvgPoolGrad, MaxPool, MaxPoolGrad, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { floatInput, type KernelArguments } from "../kernel-arguments.ts";
import { replaceKernel } from "../replace-kernel.ts";
import { revealNaN } from "../reveal-nan.ts";
import { outputShape, poolingGeometry, type WindowGeometry } from "../window-geometry.ts";
import { eachTap } from "./each-tap.ts";
import type { StockBackend } from "./stock-backend.ts";

/** Pooling, forward without hiding NaN, and the gradients of both kinds, which go through the same windows. */
export function composePooling(stock: StockBackend): void {
  replaceKernel(AvgPool, revealNaN(stock.kernel(AvgPool), stock));
  replaceKernel(MaxPool, revealNaN(stock.kernel(MaxPool), stock));
  replaceKernel(MaxPoolGrad, (parameters) => maxPoolGradient(stock, parameters));
  replaceKernel(AvgPoolGrad, (parameters) => averagePoolGradient(stock, parameters));
}

/** Goes to the first of equal maxima. */
function maxPoolGradient(stock: StockBackend, { inputs, attrs }: KernelArguments): TensorInfo {
  const input = floatInput(inputs, "input");
  const slopes = stock.read(floatInput(inputs, "dy"));
  const gradient = new Float32Array(util.sizeFromShape(input.shape));
  largestOf(poolingGeometry(input.shape, attrs), stock.read(input)).forEach((place, index) => {
    if (place >= 0) gradient[place] = (gradient[place] ?? 0) + (slopes[index] ?? 0);
  });
  return stock.create(input.shape, gradient);
}

/** Place of the first largest value, or of one that is not a number, of each window and channel; −1 in padding only. */
function largestOf(geometry: WindowGeometry, values: Float32Array): Int32Array {
  const channels = geometry.outChannels;
  const largest = new Int32Array(util.sizeFromShape(outputShape(geometry))).fill(-1);
  eachTap(geometry, (inputPixel, outputPixel) => {
    for (let channel = 0; channel < channels; channel++) {
      const place = inputPixel * channels + channel;
      const index = outputPixel * channels + channel;
      const before = largest[index] ?? -1;
      const value = values[place] ?? 0;
      const most = before < 0 ? 0 : (values[before] ?? 0);
      if (before < 0 || value > most || (Number.isNaN(value) && !Number.isNaN(most))) largest[index] = place;
    }
  });
  return largest;
}

/** Each pixel of a window gets the same share; padding has none. */
function averagePoolGradient(stock: StockBackend, { inputs, attrs }: KernelArguments): TensorInfo {
  const input = floatInput(inputs, "input");
  const geometry = poolingGeometry(input.shape, attrs);
  const channels = geometry.outChannels;
  const slopes = stock.read(floatInput(inputs, "dy"));
  const counts = new Int32Array(geometry.batchSize * geometry.outHeight * geometry.outWidth);
  eachTap(geometry, (_, outputPixel) => (counts[outputPixel] = (counts[outputPixel] ?? 0) + 1));
  const gradient = new Float32Array(util.sizeFromShape(input.shape));
  eachTap(geometry, (inputPixel, outputPixel) => {
    for (let channel = 0; channel < channels; channel++) {
      const place = inputPixel * channels + channel;
      const share = (slopes[outputPixel * channels + channel] ?? 0) / (counts[outputPixel] ?? 1);
      gradient[place] = (gradient[place] ?? 0) + share;
    }
  });
  return stock.create(input.shape, gradient);
}
