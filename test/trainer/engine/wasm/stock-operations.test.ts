import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectForward, expectOperation, rank4 } from "./check-gradients.ts";
import { type Array64, distinctArray, randomArray } from "./random-array.ts";
import { randomOperations } from "./random-operations.ts";
import { addPerColumn, depthwiseConvolution, map, matrixProduct, pooling } from "./reference-operations.ts";

beforeAll(() => installWasmKernels("stock"));

describe("with stock kernels, values and gradients are right for 15 random shapes of", () => {
  test.each(Object.entries(randomOperations))("%s", (_, operationOf) => {
    for (let seed = 1; seed <= 15; seed++) expectOperation(operationOf(seed));
  });
});

// What the backend's own kernels get wrong, and is gone round.
describe("with stock kernels", () => {
  test.each(
    [true, false].flatMap((transposeA) =>
      [true, false].flatMap((transposeB) => [[], [3]].map((batch) => ({ transposeA, transposeB, batch }))),
    ),
  )("a fused product is right: %o", ({ transposeA, transposeB, batch }) => {
    const a = randomArray([...batch, ...(transposeA ? [6, 5] : [5, 6])], 1);
    const b = randomArray([...batch, ...(transposeB ? [9, 6] : [6, 9])], 2);

    expectForward({
      inputs: [a, b, randomArray([9], 3)],
      forward: (a, b, bias) => tf.fused.matMul({ a, b, bias, transposeA, transposeB, activation: "relu" }),
      reference: (a, b, bias) =>
        map(addPerColumn(matrixProduct(a, b, transposeA, transposeB), bias), (value) => Math.max(0, value)),
    });
  });

  test("windows with gaps and same padding are right in a fused depthwise convolution", () => {
    const window = { size: [2, 2], strides: [3, 3], padding: "same" } as const;

    expectForward({
      inputs: [randomArray([2, 7, 8, 3], 1), randomArray([2, 2, 3, 1], 2)],
      forward: (x, filter) =>
        tf.fused.depthwiseConv2d({ x: rank4(x), filter: rank4(filter), strides: 3, pad: "same", activation: "relu" }),
      reference: (x, filter) => map(depthwiseConvolution(x, filter, window), (value) => Math.max(0, value)),
    });
  });

  test("a gradient of average pooling with same padding counts the pixels of the image only", () => {
    const window = { size: [3, 3], strides: [2, 2], padding: "same" } as const;

    expectOperation({
      inputs: [distinctArray([1, 6, 5, 2], 1)],
      forward: (x) => tf.avgPool(rank4(x), 3, 2, "same"),
      reference: (x) => pooling(x, "average", window),
    });
  });

  test("the sums of segments are the gradient of a gather", () => {
    const indices = [2, 0, 2];

    expectOperation({
      inputs: [randomArray([4, 3], 1)],
      forward: (x) => tf.gather(x, indices),
      reference: (x) => rowsOf(x, indices),
    });
  });

  test("max pooling does not hide NaN", () => {
    const values = tf.tidy(() => [...tf.maxPool(tf.tensor4d([Number.NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 2, 0).dataSync()]);

    expect(values).toEqual([Number.NaN]);
  });
});

function rowsOf({ shape: [, columns = 0], values }: Array64, rows: readonly number[]): Array64 {
  const taken = rows.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]);
  return { shape: [rows.length, columns], values: Float64Array.from(taken) };
}
