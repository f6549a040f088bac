import {
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { floatInput, type KernelArguments, numbersAttribute } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { convolutionGeometry, geometryFields } from "./window-geometry.ts";

/** Both gradients of depthwise convolution, which the backend lacks. The forward kernel is the backend's own. */
export function registerDepthwise(kernels: KernelModule): void {
  replaceKernel(DepthwiseConv2dNativeBackpropInput, (parameters) => inputGradient(kernels, parameters));
  replaceKernel(DepthwiseConv2dNativeBackpropFilter, (parameters) => filterGradient(kernels, parameters));
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
