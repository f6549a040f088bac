import "@tensorflow/tfjs-backend-wasm";
// Only this package's Node build registers the gradients of the operations; that of tfjs-core leaves them out.
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { replaceBatchNormGradient } from "../batch-norm-gradient.ts";
import { loadKernelModule } from "./kernel-module.ts";
import { type AdamUpdate, applyAdam, applySgd, type SgdUpdate } from "./optimizer-update.ts";
import { registerActivation } from "./register-activation.ts";
import { registerAliases } from "./register-aliases.ts";
import { registerConvolution } from "./register-convolution.ts";
import { registerDepthwise } from "./register-depthwise.ts";
import { registerMatMul } from "./register-mat-mul.ts";
import { registerPooling } from "./register-pooling.ts";
import { registerReduction } from "./register-reduction.ts";
import { registerSlice } from "./register-slice.ts";
import { registerFinishProduct } from "./train-in-place.ts";

/** What our kernels offer besides the operations of TensorFlow.js. */
export interface WasmKernels {
  /** One step of gradient descent, in one pass; see `applySgd` in optimizer-update.ts. */
  applySgd(update: SgdUpdate): void;
  /** One step of Adam, in one pass; see `applyAdam` in optimizer-update.ts. */
  applyAdam(update: AdamUpdate): void;
  /** Bytes of scratch memory held now; grows to the need of the largest call and stays. */
  scratchBytes(): number;
  /** Size of the WASM heap, tensors included; it never shrinks. */
  heapBytes(): number;
}

let installation: Promise<WasmKernels> | undefined;

/**
 * Makes the WASM backend of TensorFlow.js the current one and gives it our SIMD kernels. Done once in a process, later
 * calls return the same.
 * @throws Error if the backend can't start or is not that of the pinned TensorFlow.js version
 */
export function installWasmKernels(): Promise<WasmKernels> {
  installation ??= install();
  return installation;
}

async function install(): Promise<WasmKernels> {
  // Our module imports unshared memory; and with threads the results would depend on their number.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await startBackend();
  const kernels = await loadKernelModule(tf.backend());
  registerMatMul(kernels);
  registerConvolution(kernels);
  registerPooling(kernels);
  registerReduction(kernels);
  registerActivation(kernels);
  registerAliases(kernels);
  registerSlice(kernels);
  registerDepthwise(kernels);
  registerFinishProduct(kernels);
  replaceBatchNormGradient();
  return {
    applySgd: (update) => applySgd(kernels, update),
    applyAdam: (update) => applyAdam(kernels, update),
    scratchBytes: () => kernels.heap.scratchBytes,
    heapBytes: () => kernels.heap.byteLength,
  };
}

/**
 * Starts the backend and takes away the handlers of uncaught errors that its Emscripten module adds to this process: they
 * print the whole minified module in front of every error.
 */
async function startBackend(): Promise<void> {
  const uncaught = new Set(process.listeners("uncaughtException"));
  const unhandled = new Set(process.listeners("unhandledRejection"));
  if (!(await tf.setBackend("wasm"))) throw new Error("The WASM backend of TensorFlow.js did not start.");
  await tf.ready();
  for (const listener of process.listeners("uncaughtException")) {
    if (!uncaught.has(listener)) process.removeListener("uncaughtException", listener);
  }
  for (const listener of process.listeners("unhandledRejection")) {
    if (!unhandled.has(listener)) process.removeListener("unhandledRejection", listener);
  }
}
