import { BatchMatMul, _FusedMatMul, type TensorInfo, Transpose } from "@tensorflow/tfjs-core";
import { stockFinisher } from "../fused-output.ts";
import { flagAttribute, floatInput, type KernelArguments } from "../kernel-arguments.ts";
import { replaceKernel } from "../replace-kernel.ts";
import type { StockBackend } from "./stock-backend.ts";

/**
 * Matrix products without the flags for transposes: with them the backend's plain kernel is many times as slow, and its
 * fused one gives wrong numbers, as it does with a bias and more than one matrix. So what is transposed is transposed
 * first, and bias and activation are kernels of their own.
 */
export function composeMatMul(stock: StockBackend): void {
  const product = stock.kernel(BatchMatMul);
  const transpose = stock.kernel(Transpose);
  const finish = stockFinisher(
    (name) => stock.kernel(name),
    (tensor) => stock.release(tensor),
  );
  const multiply = ({ inputs, attrs }: KernelArguments): TensorInfo => {
    const operands = { a: floatInput(inputs, "a"), b: floatInput(inputs, "b") };
    const turned = [
      ...(flagAttribute(attrs, "transposeA") ? [["a", turn(operands.a)] as const] : []),
      ...(flagAttribute(attrs, "transposeB") ? [["b", turn(operands.b)] as const] : []),
    ];
    const plain = { ...operands, ...Object.fromEntries(turned) };
    const output = product({ inputs: plain, attrs: { transposeA: false, transposeB: false } });
    for (const [, tensor] of turned) stock.release(tensor);
    return output;
  };
  const turn = (matrix: TensorInfo): TensorInfo =>
    transpose({ inputs: { x: matrix }, attrs: { perm: turned(matrix) } });
  replaceKernel(BatchMatMul, multiply);
  replaceKernel(_FusedMatMul, (parameters) => finish(multiply(parameters), parameters));
}

/** All axes with the last two exchanged. */
function turned({ shape }: TensorInfo): number[] {
  const axes = [...shape.keys()];
  return [...axes.slice(0, -2), shape.length - 1, shape.length - 2];
}
