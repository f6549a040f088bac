import "@tensorflow/tfjs-backend-wasm";
// Only this package's Node build registers the gradients of the operations; that of tfjs-core leaves them out.
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernelChoice } from "../../../src/contract/trainer-environment.ts";
import { replaceBatchNormGradient } from "../batch-norm-gradient.ts";
import type { UpdateKernels } from "../update-rule.ts";
import { composedUpdates } from "./composed/composed-updates.ts";
import { installComposedKernels } from "./composed/install-composed-kernels.ts";
import { type KernelModule, loadKernelModule } from "./kernel-module.ts";
import { applyAdam, applySgd } from "./optimizer-update.ts";
import { OwnKernelsError } from "./own-kernels-error.ts";
import { registerActivation } from "./register-activation.ts";
import { registerAliases } from "./register-aliases.ts";
import { registerConvolution } from "./register-convolution.ts";
import { registerDepthwise } from "./register-depthwise.ts";
import { registerMatMul } from "./register-mat-mul.ts";
import { registerPooling } from "./register-pooling.ts";
import { registerReduction } from "./register-reduction.ts";
import { registerSlice } from "./register-slice.ts";
import { registerFinishProduct } from "./train-in-place.ts";

/** What the kernels offer besides the operations of TensorFlow.js. */
export interface WasmKernels extends UpdateKernels {
  readonly kind: WasmKernelChoice;
  /** Why these, if it is not those that were asked for. */
  readonly reason?: string;
  /** Whether multiply-add instructions round once here; only with `relaxed-simd`. */
  readonly fuses?: boolean;
  /** Bytes of scratch memory held now; grows to the need of the largest call and stays. */
  scratchBytes(): number;
  /** Size of the WASM heap, tensors included; it never shrinks. Unknown with `stock`. */
  readonly heapBytes?: () => number;
}

let installed: { readonly wanted: WasmKernelChoice; readonly kernels: Promise<WasmKernels> } | undefined;

/**
 * Makes the WASM backend of TensorFlow.js the current one and gives it the kernels that are wanted. Where our own SIMD
 * kernels can't work they are composed from the backend's: it works, and takes longer. Done once in a process, later
 * calls return the same.
 * @throws Error if the backend can't start; RangeError if relaxed SIMD is wanted and can't be had, or if the process has
 * other kernels already
 */
export function installWasmKernels(wanted: WasmKernelChoice = "simd"): Promise<WasmKernels> {
  installed ??= { wanted, kernels: install(wanted) };
  if (installed.wanted === wanted) return installed.kernels;
  const problem = `this process has the WASM kernels ${installed.wanted}, which can't be changed to ${wanted} any more`;
  return Promise.reject(new RangeError(problem));
}

async function install(wanted: WasmKernelChoice): Promise<WasmKernels> {
  // Our module imports unshared memory; and with threads the results would depend on their number.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await startBackend();
  replaceBatchNormGradient();
  if (wanted === "stock") return composedKernels();
  try {
    return installOwnKernels(wanted, await loadKernelModule(tf.backend(), wanted));
  } catch (error) {
    if (!(error instanceof OwnKernelsError)) throw error;
    if (wanted === "relaxed-simd") throw new RangeError(`relaxed SIMD can't be had: ${error.message}`);
    return { ...composedKernels(), reason: error.message };
  }
}

function installOwnKernels(kind: "simd" | "relaxed-simd", kernels: KernelModule): WasmKernels {
  registerMatMul(kernels);
  registerConvolution(kernels);
  registerPooling(kernels);
  registerReduction(kernels);
  registerActivation(kernels);
  registerAliases(kernels);
  registerSlice(kernels);
  registerDepthwise(kernels);
  registerFinishProduct(kernels);
  return {
    kind,
    ...(kind === "relaxed-simd" && { fuses: fusesMultiplyAdd() }),
    applySgd: (update) => applySgd(kernels, update),
    applyAdam: (update) => applyAdam(kernels, update),
    scratchBytes: () => kernels.heap.scratchBytes,
    heapBytes: () => kernels.heap.byteLength,
  };
}

function composedKernels(): WasmKernels {
  installComposedKernels();
  return { kind: "stock", ...composedUpdates, scratchBytes: () => 0 };
}

/** Whether x·x − (1 + 2⁻¹¹), where x is 1 + 2⁻¹², keeps the 2⁻²⁴ that rounding the product first would lose. */
function fusesMultiplyAdd(): boolean {
  const x = 1 + 2 ** -12;
  const [sum] = tf.tidy(() => tf.matMul([[1, x]], [[-(1 + 2 ** -11)], [x]]).dataSync());
  return sum === 2 ** -24;
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
