import * as tf from "@tensorflow/tfjs-core";
import type { KernelArguments } from "./kernel-arguments.ts";

/** Computes the one output of a kernel. */
export type Kernel = (parameters: KernelArguments) => tf.TensorInfo;

/** Puts our kernel in the place of the backend's own of the same name, if there is one. */
export function replaceKernel(kernelName: string, kernel: Kernel): void {
  if (hasKernel(kernelName)) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => kernel({ inputs, attrs: attrs ?? {} }),
  });
}

/** The backend's own kernel, to be called for cases that ours leaves to it. */
export function stockKernel(kernelName: string, backend: object): Kernel {
  const { kernelFunc } = tf.getKernel(kernelName, "wasm");
  return ({ inputs, attrs }) => {
    const output = kernelFunc({ inputs, backend, attrs });
    if (Array.isArray(output)) throw new Error(`kernel ${kernelName} has several outputs`);
    return output;
  };
}

function hasKernel(kernelName: string): boolean {
  return tf.getKernelsForBackend("wasm").some((config) => config.kernelName === kernelName);
}
