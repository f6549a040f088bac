import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { broadcastIndices } from "../../../../trainer/engine/wasm/register-mat-mul.ts";
import { expectForward, expectOperation, toTensor } from "./check-gradients.ts";
import { type Array64, randomArray } from "./random-array.ts";
import { addPerColumn, map, matrixProduct } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

interface Sizes {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function operands({ rows, depth, columns, transposeA, transposeB }: Sizes, batch: readonly number[] = []): Array64[] {
  const a = transposeA ? [depth, rows] : [rows, depth];
  const b = transposeB ? [columns, depth] : [depth, columns];
  return [randomArray([...batch, ...a], 1), randomArray([...batch, ...b], 2)];
}

const transposes = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
] as const;

describe.each(transposes)("a matrix product with transposeA $transposeA, transposeB $transposeB", (transpose) => {
  const { transposeA, transposeB } = transpose;

  test.each([
    [1, 1, 1],
    [4, 8, 8],
    [5, 7, 9],
    [17, 3, 23],
    [131, 2, 9],
    [3, 40, 8],
  ])("of %i×%i·%i has the right values and gradients", (rows, depth, columns) => {
    expectOperation({
      inputs: operands({ rows, depth, columns, ...transpose }),
      forward: (a, b) => tf.matMul(a, b, transposeA, transposeB),
      reference: (a, b) => matrixProduct(a, b, transposeA, transposeB),
    });
  });

  test("is right where the inner dimension spans several blocks", () => {
    expectForward({
      inputs: operands({ rows: 6, depth: 1100, columns: 11, ...transpose }),
      forward: (a, b) => tf.matMul(a, b, transposeA, transposeB),
      reference: (a, b) => matrixProduct(a, b, transposeA, transposeB),
    });
  });

  test("fuses bias and relu, also for a batch", () => {
    const [a, b] = operands({ rows: 5, depth: 6, columns: 9, ...transpose }, [3]);
    const bias = randomArray([9], 3);

    expectForward({
      inputs: [a, b, bias].filter((array) => array !== undefined),
      forward: (a, b, bias) => tf.fused.matMul({ a, b, bias, transposeA, transposeB, activation: "relu" }),
      reference: (a, b, bias) =>
        map(addPerColumn(matrixProduct(a, b, transposeA, transposeB), bias), (value) => Math.max(0, value)),
    });
  });
});

test("any sizes give the right values and gradients", () => {
  const size = fc.integer({ min: 1, max: 20 });
  const sizes = fc.record({
    rows: size,
    depth: size,
    columns: size,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  });

  fc.assert(
    fc.property(sizes, (product) => {
      expectOperation({
        inputs: operands(product),
        forward: (a, b) => tf.matMul(a, b, product.transposeA, product.transposeB),
        reference: (a, b) => matrixProduct(a, b, product.transposeA, product.transposeB),
      });
    }),
    { seed: 20260101, numRuns: 40 },
  );
});

test.each([
  [
    [4, 5, 6],
    [4, 6, 7],
  ],
  [
    [4, 5, 6],
    [1, 6, 7],
  ],
  [
    [2, 1, 5, 6],
    [1, 3, 6, 7],
  ],
  [
    [2, 3, 5, 6],
    [2, 3, 6, 7],
  ],
])("matrices of shapes %j and %j are multiplied pair by pair", (shapeA, shapeB) => {
  expectForward({
    inputs: [randomArray(shapeA, 1), randomArray(shapeB, 2)],
    forward: (a, b) => tf.matMul(a, b),
    reference: (a, b) => matrixProduct(a, b, false, false),
  });
});

test("missing leading dimensions count as 1", () => {
  const indices = broadcastIndices([3], [2, 3]);

  expect(indices).toEqual([0, 1, 2, 0, 1, 2]);
});

test("a product without terms is zero", () => {
  const product = tf.tidy(() => tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 2])).arraySync());

  expect(product).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

describe("the bias of a fused product", () => {
  const a = randomArray([4, 3], 1);
  const b = randomArray([3, 4], 2);

  test("may have one number per row", () => {
    const fused = tf.tidy(() =>
      tf.fused.matMul({ a: toTensor(a), b: toTensor(b), bias: tf.tensor2d([[1], [2], [3], [4]]) }).dataSync(),
    );

    const product = matrixProduct(a, b, false, false);
    expect(fused[0]).toBeCloseTo((product.values[0] ?? 0) + 1, 5);
    expect(fused[15]).toBeCloseTo((product.values[15] ?? 0) + 4, 5);
  });

  test.each([
    ["relu6", (value: number) => Math.min(6, Math.max(0, value))],
    ["elu", (value: number) => (value < 0 ? Math.expm1(value) : value)],
    ["sigmoid", (value: number) => 1 / (1 + Math.exp(-value))],
    ["leakyrelu", (value: number) => (value < 0 ? 0.3 * value : value)],
  ] as const)("is followed by %s", (activation, transform) => {
    expectForward({
      inputs: [a, b, map(randomArray([4], 3), (value) => 20 * value)],
      forward: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation, leakyreluAlpha: 0.3 }),
      reference: (a, b, bias) => map(addPerColumn(matrixProduct(a, b, false, false), bias), transform),
    });
  });
});
