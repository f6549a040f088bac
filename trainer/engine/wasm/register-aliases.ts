import { Cast, Identity } from "@tensorflow/tfjs-core";
import { optionalInput } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";

/**
 * Copies that need not be copies: `clone` (made of every tensor that is saved for the backward pass) and casts to the
 * type that a tensor already has share their input's data, as in the other backends. Tensors never change, so nobody
 * sees the difference.
 */
export function registerAliases(kernels: KernelModule): void {
  const stockIdentity = kernels.stockKernel(Identity);
  const stockCast = kernels.stockKernel(Cast);
  replaceKernel(Identity, (parameters) => {
    const x = optionalInput(parameters.inputs, "x");
    return x === undefined || x.dtype === "string" ? stockIdentity(parameters) : kernels.heap.share(x);
  });
  replaceKernel(Cast, (parameters) => {
    const x = optionalInput(parameters.inputs, "x");
    return x === undefined || x.dtype !== parameters.attrs["dtype"] ? stockCast(parameters) : kernels.heap.share(x);
  });
}
