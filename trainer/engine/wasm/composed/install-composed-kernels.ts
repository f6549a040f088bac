import { backend } from "@tensorflow/tfjs-core";
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { allocatorFunctions, refuseNullAddresses } from "../guard-allocator.ts";
import { composeConvolution } from "./compose-convolution.ts";
import { composeDepthwise } from "./compose-depthwise.ts";
import { composeMatMul } from "./compose-mat-mul.ts";
import { composePooling } from "./compose-pooling.ts";
import { composeSegmentSum } from "./compose-segment-sum.ts";
import { StockBackend } from "./stock-backend.ts";

/**
 * Completes the current WASM backend by what training needs, from its own kernels and by what is public of it only: where
 * our own kernels can't work in its memory. Takes 2 to 8 times as long.
 */
export function installComposedKernels(): void {
  const stock = new StockBackend(backend());
  composeMatMul(stock);
  composeConvolution(stock);
  composeDepthwise(stock);
  composePooling(stock);
  composeSegmentSum(stock);
  guardAllocator(backend());
}

/** Makes a full heap an error where the backend's module still has the names that it had. */
function guardAllocator(current: unknown): void {
  if (!(current instanceof BackendWasm)) return;
  const names = { malloc: "_malloc", free: "_free" };
  const first = allocatorFunctions(current.wasm, names);
  if (first === undefined) return;
  // Called first, the module's functions put others in their place.
  first.free(first.malloc(1));
  const allocator = allocatorFunctions(current.wasm, names);
  if (allocator !== undefined) refuseNullAddresses(current.wasm, allocator);
}
