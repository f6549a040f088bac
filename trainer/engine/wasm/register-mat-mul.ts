import { BatchMatMul, broadcast_util, _FusedMatMul, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { finisherOf } from "./fused-output.ts";
import { flagAttribute, floatInput, type KernelArguments } from "./kernel-arguments.ts";
import type { Flag } from "./kernel-functions.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Matrix products: `matMul` and the fused one with bias and activation, all transposes, leading dimensions broadcast.
 * The backend's own fused kernel gives wrong numbers with a transpose, or with a bias and more than one matrix.
 */
export function registerMatMul(kernels: KernelModule): void {
  const finish = finisherOf(kernels);
  replaceKernel(BatchMatMul, (parameters) => multiply(kernels, parameters));
  replaceKernel(_FusedMatMul, (parameters) => finish(multiply(kernels, parameters), parameters));
}

/** Sizes of a batch of matrix products. */
interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly transposeA: Flag;
  readonly transposeB: Flag;
}

function multiply(kernels: KernelModule, { inputs, attrs }: KernelArguments): TensorInfo {
  const a = floatInput(inputs, "a");
  const b = floatInput(inputs, "b");
  const product = productOf(a, b, flagAttribute(attrs, "transposeA"), flagAttribute(attrs, "transposeB"));
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const output = kernels.heap.allocate([...batch, product.rows, product.columns]);
  if (util.sizeFromShape(output.shape) === 0) return output;
  multiplyEach(kernels, product, a, b, output, broadcastIndices(batchA, batch), broadcastIndices(batchB, batch));
  return output;
}

function multiplyEach(
  { functions, heap }: KernelModule,
  { rows, columns, depth, transposeA, transposeB }: Product,
  a: TensorInfo,
  b: TensorInfo,
  output: TensorInfo,
  indicesA: readonly number[],
  indicesB: readonly number[],
): void {
  const scratch = heap.reserveScratch(functions.matMulScratchBytes(rows, columns, depth));
  const [addressA, addressB, addressOut] = [heap.addressOf(a), heap.addressOf(b), heap.addressOf(output)];
  indicesA.forEach((indexA, index) => {
    const matrixA = addressA + indexA * rows * depth * FLOAT_BYTES;
    const matrixB = addressB + (indicesB[index] ?? 0) * depth * columns * FLOAT_BYTES;
    const target = addressOut + index * rows * columns * FLOAT_BYTES;
    functions.matMul(matrixA, matrixB, target, rows, columns, depth, transposeA, transposeB, scratch);
  });
}

function productOf(a: TensorInfo, b: TensorInfo, transposeA: Flag, transposeB: Flag): Product {
  const [rows, depth] = matrixShape(a, transposeA);
  const [depthB, columns] = matrixShape(b, transposeB);
  if (depth !== depthB) {
    throw new Error(
      `matMul: inner dimensions ${depth} and ${depthB} differ; shapes [${a.shape.join(", ")}]${transposeA ? "ᵀ" : ""} ` +
        `and [${b.shape.join(", ")}]${transposeB ? "ᵀ" : ""}`,
    );
  }
  return { rows, columns, depth, transposeA, transposeB };
}

function matrixShape({ shape }: TensorInfo, transpose: Flag): [number, number] {
  const rows = shape.at(-2);
  const columns = shape.at(-1);
  if (rows === undefined || columns === undefined) throw new Error(`matMul: shape [${shape.join(", ")}] is no matrix`);
  return transpose ? [columns, rows] : [rows, columns];
}

/**
 * Which matrix of a batch takes part in each product of the broadcast batch.
 * @param batch leading dimensions of one operand
 * @param outer broadcast leading dimensions, at least as many
 * @returns indices into the operand's matrices, one per product, row-major
 */
export function broadcastIndices(batch: readonly number[], outer: readonly number[]): number[] {
  const missing = outer.length - batch.length;
  let indices = [0];
  outer.forEach((length, dimension) => {
    const own = batch[dimension - missing] ?? 1;
    indices = indices.flatMap((index) =>
      Array.from({ length }, (_, position) => index * own + (own === 1 ? 0 : position)),
    );
  });
  return indices;
}
