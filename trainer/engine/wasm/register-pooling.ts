import { AvgPool, AvgPoolGrad, MaxPool, MaxPoolGrad, type TensorInfo } from "@tensorflow/tfjs-core";
import { floatInput, type KernelArguments } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { revealNaN } from "./reveal-nan.ts";
import { geometryFields, outputShape, poolingGeometry } from "./window-geometry.ts";

/** Max pooling, its gradient and that of average pooling (whose forward kernel is the backend's own, without hiding NaN). */
export function registerPooling(kernels: KernelModule): void {
  const { heap } = kernels;
  const access = {
    kernel: kernels.stockKernel,
    firstValue: (tensor: TensorInfo) => heap.viewOf(tensor)[0] ?? Number.NaN,
    fill: (shape: readonly number[], value: number) => filled(kernels, shape, value),
    release: (tensor: TensorInfo) => heap.release(tensor),
  };
  replaceKernel(AvgPool, revealNaN(kernels.stockKernel(AvgPool), access));
  replaceKernel(MaxPool, (parameters) => maxPool(kernels, parameters));
  replaceKernel(MaxPoolGrad, (parameters) => maxPoolGradient(kernels, parameters));
  replaceKernel(AvgPoolGrad, (parameters) => averagePoolGradient(kernels, parameters));
}

function filled({ heap }: KernelModule, shape: readonly number[], value: number): TensorInfo {
  const tensor = heap.allocate(shape);
  heap.viewOf(tensor).fill(value);
  return tensor;
}

function maxPool({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const geometry = poolingGeometry(x.shape, attrs);
  const output = heap.allocate(outputShape(geometry));
  functions.maxPool(heap.passInt32(geometryFields(geometry)), heap.addressOf(x), heap.addressOf(output));
  return output;
}

function maxPoolGradient({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const dy = floatInput(inputs, "dy");
  const input = floatInput(inputs, "input");
  const output = floatInput(inputs, "output");
  const dx = heap.allocate(input.shape);
  const passed = heap.passInt32(geometryFields(poolingGeometry(input.shape, attrs)));
  const [addressIn, addressOut, addressDy] = [heap.addressOf(input), heap.addressOf(output), heap.addressOf(dy)];
  functions.maxPoolGradient(passed, addressIn, addressOut, addressDy, heap.addressOf(dx));
  return dx;
}

function averagePoolGradient({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const dy = floatInput(inputs, "dy");
  const input = floatInput(inputs, "input");
  const dx = heap.allocate(input.shape);
  const passed = heap.passInt32(geometryFields(poolingGeometry(input.shape, attrs)));
  functions.averagePoolGradient(passed, heap.addressOf(dy), heap.addressOf(dx));
  return dx;
}
