import { type TensorInfo, UnsortedSegmentSum, util } from "@tensorflow/tfjs-core";
import { floatInput, type KernelArguments, optionalInput } from "../kernel-arguments.ts";
import { replaceKernel } from "../replace-kernel.ts";
import type { StockBackend } from "./stock-backend.ts";

/** Segment sums: the gradient of a gather, which the backend lacks. */
export function composeSegmentSum(stock: StockBackend): void {
  replaceKernel(UnsortedSegmentSum, (parameters) => sumSegments(stock, parameters));
}

function sumSegments(stock: StockBackend, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const segments = optionalInput(inputs, "segmentIds");
  const segmentCount = attrs["numSegments"];
  if (segments === undefined || typeof segmentCount !== "number") throw new Error("a segment sum needs its segments");
  const shape = [segmentCount, ...x.shape.slice(segments.shape.length)];
  const columns = util.sizeFromShape(shape.slice(1));
  const values = stock.read(x);
  const sums = new Float32Array(segmentCount * columns);
  stock.readIndices(segments).forEach((segment, row) => {
    if (segment < 0 || segment >= segmentCount) return;
    for (let column = 0; column < columns; column++) {
      const place = segment * columns + column;
      sums[place] = (sums[place] ?? 0) + (values[row * columns + column] ?? 0);
    }
  });
  return stock.create(shape, sums);
}
