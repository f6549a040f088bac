import { readFileSync } from "node:fs";
import { isKernelFunctions, type KernelFunctions } from "./kernel-functions.ts";
import { OwnKernelsError } from "./own-kernels-error.ts";
import { type Kernel, stockKernel } from "./replace-kernel.ts";
import { WasmHeap } from "./wasm-heap.ts";

/** Our compiled kernels and the memory they work in. */
export interface KernelModule {
  readonly functions: KernelFunctions;
  readonly heap: WasmHeap;
  /** Calls the backend's own kernel of a name, as it is now; it stays callable when ours takes its place. */
  readonly stockKernel: (kernelName: string) => Kernel;
}

/** The compiled kernels, and what this Node lacks if it can't run them. */
const modules = {
  simd: { file: "kernels.wasm", lacking: "has no WebAssembly SIMD" },
  "relaxed-simd": {
    file: "kernels-relaxed.wasm",
    lacking:
      "has no relaxed SIMD; use Node 22 or newer (Node 20 has it behind the option --experimental-wasm-relaxed-simd)",
  },
} as const;

/**
 * Instantiates our kernels in the memory of TensorFlow.js' WASM backend. The module has neither data nor a heap of its own,
 * so both can work in the same memory.
 * @param backend the backend, ready
 * @throws OwnKernelsError if the backend is not that of the pinned TensorFlow.js version, or Node can't run the kernels;
 * Error if they are of another version of this code
 */
export async function loadKernelModule(backend: object, kind: keyof typeof modules): Promise<KernelModule> {
  const { file, lacking } = modules[kind];
  const bytes = readFileSync(new URL(`./${file}`, import.meta.url));
  if (!WebAssembly.validate(bytes)) throw new OwnKernelsError(`this Node (${process.version}) ${lacking}`);
  const heap = new WasmHeap(backend);
  const abort = (): never => {
    throw new Error("a WASM kernel gave up");
  };
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: heap.memory, abort } });
  const functions = instance.exports;
  if (!isKernelFunctions(functions)) throw new Error(`${file} does not fit this code. Fix: npm run build:kernels`);
  return { functions, heap, stockKernel: (kernelName) => stockKernel(kernelName, backend) };
}
