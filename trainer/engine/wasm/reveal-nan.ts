import { Min, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Kernel } from "./replace-kernel.ts";

/** What it takes to look at a kernel's output and to put another in its place. */
export interface TensorAccess {
  kernel(kernelName: string): Kernel;
  firstValue(tensor: TensorInfo): number;
  fill(shape: readonly number[], value: number): TensorInfo;
  release(tensor: TensorInfo): void;
}

/**
 * The same kernel, but a value that is not a number stays one. XNNPACK, by which the backend convolves and averages, limits
 * its output to −∞…∞ in a way that turns NaN into −∞: relu makes 0 of that, and a training that has diverged would go on
 * unseen. An output with −∞ is NaN as a whole; numbers that belong to a training don't get there otherwise.
 */
export function revealNaN(kernel: Kernel, access: TensorAccess): Kernel {
  const smallest = access.kernel(Min);
  return (parameters) => {
    const output = kernel(parameters);
    const size = util.sizeFromShape(output.shape);
    if (size === 0) return output;
    const least = smallest({ inputs: { x: { ...output, shape: [size] } }, attrs: { axis: [0], keepDims: false } });
    const isHidden = access.firstValue(least) === Number.NEGATIVE_INFINITY;
    access.release(least);
    if (!isHidden) return output;
    access.release(output);
    return access.fill(output.shape, Number.NaN);
  };
}
