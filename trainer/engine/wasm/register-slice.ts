import { Slice, slice_util, type TensorInfo, type TypedArray, util } from "@tensorflow/tfjs-core";
import { type KernelArguments, numberOrNumbersAttribute, optionalInput } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";

/** Slices without copying the whole input first, as the backend's own kernel does. Texts stay with the backend. */
export function registerSlice(kernels: KernelModule): void {
  const stock = kernels.stockKernel(Slice);
  replaceKernel(Slice, (parameters) => slice(kernels, parameters) ?? stock(parameters));
}

function slice({ heap }: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo | undefined {
  const x = optionalInput(inputs, "x");
  if (x === undefined || x.dtype === "string") return undefined;
  const wantedBegin = numberOrNumbersAttribute(attrs, "begin") ?? 0;
  const [begin = [], size = []] = slice_util.parseSliceParams(x, wantedBegin, numberOrNumbersAttribute(attrs, "size"));
  slice_util.assertParamsValid(x, begin, size);
  const output = heap.allocate(size, x.dtype);
  if (util.sizeFromShape(size) > 0) copyRuns(heap.viewOf(x), x.shape, begin, size, heap.viewOf(output));
  return output;
}

/** Copies the part in contiguous runs: as many trailing axes as are whole, and one more. */
function copyRuns(
  source: TypedArray,
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
  target: TypedArray,
): void {
  const splitAxis = Math.max(
    0,
    shape.findLastIndex((length, axis) => size[axis] !== length),
  );
  const run = util.sizeFromShape(size.slice(splitAxis));
  let offsets = [0];
  let stride = util.sizeFromShape([...shape]);
  shape.slice(0, splitAxis + 1).forEach((length, axis) => {
    stride /= length;
    const first = (begin[axis] ?? 0) * stride;
    const count = axis === splitAxis ? 1 : (size[axis] ?? 1);
    offsets = offsets.flatMap((offset) => Array.from({ length: count }, (_, i) => offset + first + i * stride));
  });
  offsets.forEach((offset, index) => target.set(source.subarray(offset, offset + run), index * run));
}
