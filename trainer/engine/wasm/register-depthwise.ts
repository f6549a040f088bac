import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  FusedDepthwiseConv2D,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { finisherOf } from "./fused-output.ts";
import { floatInput, type KernelArguments, numbersAttribute } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { convolutionGeometry, geometryFields, isDilated, outputShape } from "./window-geometry.ts";

/**
 * Depthwise convolution of NHWC images, forward (with and without fused bias and activation) and both gradients, which
 * the backend lacks. Its own forward kernel gives wrong numbers for `same` padding where the stride is longer than the
 * window along an axis. Dilated windows, which have stride 1, stay with it.
 */
export function registerDepthwise(kernels: KernelModule): void {
  const finish = finisherOf(kernels);
  const dilated = kernels.stockKernel(DepthwiseConv2dNative);
  const dilatedFused = kernels.stockKernel(FusedDepthwiseConv2D);
  replaceKernel(DepthwiseConv2dNative, (parameters) =>
    isDilated(parameters.attrs) ? dilated(parameters) : convolve(kernels, parameters),
  );
  replaceKernel(FusedDepthwiseConv2D, (parameters) =>
    isDilated(parameters.attrs) ? dilatedFused(parameters) : finish(convolve(kernels, parameters), parameters),
  );
  replaceKernel(DepthwiseConv2dNativeBackpropInput, (parameters) => inputGradient(kernels, parameters));
  replaceKernel(DepthwiseConv2dNativeBackpropFilter, (parameters) => filterGradient(kernels, parameters));
}

function convolve({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const filter = floatInput(inputs, "filter");
  const geometry = convolutionGeometry(x.shape, filter.shape, attrs, "depthwise");
  const output = heap.allocate(outputShape(geometry));
  const passed = heap.passInt32(geometryFields(geometry));
  functions.convolveDepthwise(passed, heap.addressOf(x), heap.addressOf(filter), heap.addressOf(output));
  return output;
}

function inputGradient({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const dy = floatInput(inputs, "dy");
  const filter = floatInput(inputs, "filter");
  const inputShape = numbersAttribute(attrs, "inputShape");
  const geometry = convolutionGeometry(inputShape, filter.shape, attrs, "depthwise");
  const dx = heap.allocate(inputShape);
  const passed = heap.passInt32(geometryFields(geometry));
  functions.depthwiseInputGradient(passed, heap.addressOf(dy), heap.addressOf(filter), heap.addressOf(dx));
  return dx;
}

function filterGradient({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const dy = floatInput(inputs, "dy");
  const filterShape = numbersAttribute(attrs, "filterShape");
  const geometry = convolutionGeometry(x.shape, filterShape, attrs, "depthwise");
  const gradient = heap.allocate(filterShape);
  const passed = heap.passInt32(geometryFields(geometry));
  functions.depthwiseFilterGradient(passed, heap.addressOf(x), heap.addressOf(dy), heap.addressOf(gradient));
  return gradient;
}
