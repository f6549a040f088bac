import { Sum, type TensorInfo, UnsortedSegmentSum, util } from "@tensorflow/tfjs-core";
import {
  flagAttribute,
  floatInput,
  type KernelArguments,
  numberOrNumbersAttribute,
  optionalInput,
} from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";

/**
 * Sums over leading axes (the gradient of a bias; the backend would transpose first), and segment sums (the gradient of
 * a gather; the backend has none). All other sums stay with the backend.
 */
export function registerReduction(kernels: KernelModule): void {
  const stockSum = kernels.stockKernel(Sum);
  replaceKernel(Sum, (parameters) => sumLeading(kernels, parameters) ?? stockSum(parameters));
  replaceKernel(UnsortedSegmentSum, (parameters) => sumSegments(kernels, parameters));
}

function sumLeading({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo | undefined {
  const x = optionalInput(inputs, "x");
  const axis = numberOrNumbersAttribute(attrs, "axis");
  if (x === undefined || x.dtype !== "float32" || axis === undefined) return undefined;
  const axes = util.parseAxisParam(axis, x.shape).toSorted((first, second) => first - second);
  const isLeading = axes.length < x.shape.length && axes.every((axis, position) => axis === position);
  const kept = x.shape.slice(axes.length);
  const columns = util.sizeFromShape(kept);
  const rows = util.sizeFromShape(x.shape.slice(0, axes.length));
  if (!isLeading || axes.length === 0 || columns === 0) return undefined;
  const sums = heap.allocate(flagAttribute(attrs, "keepDims") ? [...axes.map(() => 1), ...kept] : kept);
  functions.sumRows(heap.addressOf(x), rows, columns, heap.addressOf(sums));
  return sums;
}

function sumSegments({ functions, heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const segments = optionalInput(inputs, "segmentIds");
  const segmentCount = attrs["numSegments"];
  if (segments === undefined || segments.dtype !== "int32") throw new Error("kernel input segmentIds must be int32");
  if (typeof segmentCount !== "number") throw new Error("kernel attribute numSegments must be a number");
  const kept = x.shape.slice(segments.shape.length);
  const sums = heap.allocate([segmentCount, ...kept]);
  const rows = util.sizeFromShape(segments.shape);
  const columns = util.sizeFromShape(kept);
  const [addressX, addressSegments] = [heap.addressOf(x), heap.addressOf(segments)];
  functions.sumSegments(addressX, addressSegments, rows, columns, segmentCount, heap.addressOf(sums));
  return sums;
}
