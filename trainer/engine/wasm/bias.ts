import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelModule } from "./kernel-module.ts";

/** Whether a tensor has one float for each column (last axis) of another. */
export function isOnePerColumn(bias: TensorInfo, matrix: TensorInfo): boolean {
  const columns = matrix.shape.at(-1);
  return bias.dtype === "float32" && bias.shape.at(-1) === columns && util.sizeFromShape(bias.shape) === columns;
}

/**
 * Adds a bias to every row and applies an activation.
 * @param input shape […, columns]
 * @param bias one per column, if any
 * @param activation code of `assembly/activation.ts`: 0 linear, 1 relu, 2 relu6
 * @param output same shape, overwritten; may be `input`
 */
export function addBiasAndActivate(
  { functions, heap }: KernelModule,
  input: TensorInfo,
  bias: TensorInfo | undefined,
  activation: number,
  output: TensorInfo,
): void {
  const count = util.sizeFromShape(input.shape);
  if (count === 0) return;
  const columns = input.shape.at(-1) ?? 1;
  const scratch = heap.reserveScratch(functions.biasScratchBytes(columns));
  const [from, to, row] = [
    heap.addressOf(input),
    heap.addressOf(output),
    bias === undefined ? 0 : heap.addressOf(bias),
  ];
  functions.addBiasAndActivate(from, count / columns, columns, row, activation, to, scratch);
}
