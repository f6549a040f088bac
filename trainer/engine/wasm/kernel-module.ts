import { readFileSync } from "node:fs";
import { isKernelFunctions, type KernelFunctions } from "./kernel-functions.ts";
import { type Kernel, stockKernel } from "./replace-kernel.ts";
import { WasmHeap } from "./wasm-heap.ts";

/** Our compiled kernels and the memory they work in. */
export interface KernelModule {
  readonly functions: KernelFunctions;
  readonly heap: WasmHeap;
  /** Calls the backend's own kernel of a name, as it is now; it stays callable when ours takes its place. */
  stockKernel(kernelName: string): Kernel;
}

/**
 * Instantiates `kernels.wasm` in the memory of TensorFlow.js' WASM backend. The module has neither data nor a heap of its
 * own, so both can work in the same memory.
 * @param backend the backend, ready
 * @throws Error if the backend is not that of the pinned TensorFlow.js version, or `kernels.wasm` is of another version
 */
export async function loadKernelModule(backend: object): Promise<KernelModule> {
  const heap = new WasmHeap(backend);
  const bytes = readFileSync(new URL("./kernels.wasm", import.meta.url));
  const abort = (): never => {
    throw new Error("a WASM kernel gave up");
  };
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: heap.memory, abort } });
  const functions = instance.exports;
  if (!isKernelFunctions(functions)) {
    throw new Error("kernels.wasm does not fit this code. Fix: npm run build:kernels");
  }
  return { functions, heap, stockKernel: (kernelName) => stockKernel(kernelName, backend) };
}
