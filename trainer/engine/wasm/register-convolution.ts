import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput, FusedConv2D, type TensorInfo } from "@tensorflow/tfjs-core";
import { finisherOf } from "./fused-output.ts";
import { floatInput, type KernelArguments, numbersAttribute } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";
import {
  backwardGeometry,
  convolutionGeometry,
  geometryFields,
  isDilated,
  isEmpty,
  outputShape,
  type WindowGeometry,
} from "./window-geometry.ts";

/**
 * 2-D convolution of NHWC images, forward (with and without fused bias and activation) and both gradients, of which the
 * backend lacks the filter's. Dilated windows stay with the backend's own forward kernels; they have no gradient.
 */
export function registerConvolution(kernels: KernelModule): void {
  const finish = finisherOf(kernels);
  const dilated = kernels.stockKernel(Conv2D);
  const dilatedFused = kernels.stockKernel(FusedConv2D);
  replaceKernel(Conv2D, (parameters) =>
    isDilated(parameters.attrs) ? dilated(parameters) : convolveForward(kernels, parameters),
  );
  replaceKernel(FusedConv2D, (parameters) =>
    isDilated(parameters.attrs) ? dilatedFused(parameters) : finish(convolveForward(kernels, parameters), parameters),
  );
  replaceKernel(Conv2DBackpropInput, (parameters) => convolveBackward(kernels, parameters));
  replaceKernel(Conv2DBackpropFilter, (parameters) => filterGradient(kernels, parameters));
}

function convolveForward(kernels: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const filter = floatInput(inputs, "filter");
  return convolve(kernels, convolutionGeometry(x.shape, filter.shape, attrs), x, filter, "packFilter");
}

function convolveBackward(kernels: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const filter = floatInput(inputs, "filter");
  const forward = convolutionGeometry(numbersAttribute(attrs, "inputShape"), filter.shape, attrs);
  return convolve(kernels, backwardGeometry(forward), floatInput(inputs, "dy"), filter, "packFlippedFilter");
}

function convolve(
  { functions, heap }: KernelModule,
  geometry: WindowGeometry,
  input: TensorInfo,
  filter: TensorInfo,
  pack: "packFilter" | "packFlippedFilter",
): TensorInfo {
  const output = heap.allocate(outputShape(geometry));
  if (isEmpty(geometry)) return output;
  const passed = heap.passInt32(geometryFields(geometry));
  const packedBytes = functions.packedFilterBytes(passed);
  const packed = heap.reserveScratch(packedBytes + functions.convolveScratchBytes(passed));
  functions[pack](passed, heap.addressOf(filter), packed);
  functions.convolve(passed, heap.addressOf(input), packed, heap.addressOf(output), packed + packedBytes);
  return output;
}

function filterGradient({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const dy = floatInput(inputs, "dy");
  const filterShape = numbersAttribute(attrs, "filterShape");
  const geometry = convolutionGeometry(x.shape, filterShape, attrs);
  const gradient = heap.allocate(filterShape);
  if (isEmpty(geometry)) {
    heap.viewOf(gradient).fill(0);
    return gradient;
  }
  const passed = heap.passInt32(geometryFields(geometry));
  const scratch = heap.reserveScratch(functions.filterGradientScratchBytes(passed));
  const [input, outputGradient] = [heap.addressOf(x), heap.addressOf(dy)];
  functions.convolveFilterGradient(passed, input, outputGradient, heap.addressOf(gradient), scratch);
  return gradient;
}
