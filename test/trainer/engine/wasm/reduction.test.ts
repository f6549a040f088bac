import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectForward, expectOperation, toTensor } from "./check-gradients.ts";
import { arrayOf, randomArray } from "./random-array.ts";
import { sumOverLeading } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

describe("a sum over leading axes", () => {
  test.each([
    [[7, 5], 1],
    [[300, 16], 1],
    [[257, 3], 1],
    [[2, 3, 4, 6], 3],
    [[2, 3, 4, 6], 2],
    [[1, 9], 1],
  ])("of shape %j over %i axes has the right values and gradient", (shape, axes) => {
    expectOperation({
      inputs: [randomArray(shape, 1)],
      forward: (x) => tf.sum(x, [...Array(axes).keys()]),
      reference: (x) => sumOverLeading(x, axes),
    });
  });

  test("may keep the axes with length 1", () => {
    const shape = tf.tidy(() => tf.sum(tf.ones([2, 3, 4]), [0, 1], true).shape);

    expect(shape).toEqual([1, 1, 4]);
  });

  test("of a hundred thousand equal numbers is right to five digits", () => {
    const total = tf.tidy(() => tf.sum(tf.mul(tf.ones([100_000, 1]), 0.1), 0).dataSync()[0] ?? 0);

    expect(Math.abs(total - 1e5 * Math.fround(0.1))).toBeLessThan(0.1);
  });

  test("over no rows is 0", () => {
    const values = tf.tidy(() => tf.sum(tf.zeros([0, 3]), 0).dataSync());

    expect(Array.from(values)).toEqual([0, 0, 0]);
  });
});

test("other sums stay right", () => {
  const x = arrayOf([2, 3], (index) => index);

  const sums = tf.tidy(() => {
    const tensor = toTensor(x);
    return [tf.sum(tensor), tf.sum(tensor, 1), tf.sum(tf.cast(tensor, "int32"), 0)].map((sum) =>
      Array.from(sum.dataSync()),
    );
  });

  expect(sums).toEqual([[15], [3, 12], [3, 5, 7]]);
});

describe("a segment sum", () => {
  test("adds the rows with the same id and leaves out negative ids", () => {
    const sums = tf.tidy(() => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
      return tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, -1], "int32"), 3).arraySync();
    });

    expect(sums).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
    ]);
  });

  test("is the gradient of a gather", () => {
    const positions = [4, 0, 4, 2];
    expectOperation({
      inputs: [randomArray([5, 7], 1)],
      forward: (x) => tf.gather(x, tf.tensor1d(positions, "int32")),
      reference: (x) =>
        arrayOf([4, 7], (index) => x.values[(positions[Math.floor(index / 7)] ?? 0) * 7 + (index % 7)] ?? 0),
    });
  });
});

test("the mean over a batch is right", () => {
  expectForward({
    inputs: [randomArray([9, 6], 1)],
    forward: (x) => tf.mean(x, 0),
    reference: (x) => {
      const sums = sumOverLeading(x, 1);
      return { shape: sums.shape, values: sums.values.map((value) => value / 9) };
    },
  });
});
