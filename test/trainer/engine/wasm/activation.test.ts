import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectForward, expectOperation } from "./check-gradients.ts";
import { arrayOf, distinctArray, randomArray } from "./random-array.ts";
import { addPerColumn, map } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

const lengths = [1, 2, 3, 4, 5, 63];

describe("tanh", () => {
  test.each(lengths)("and its gradient are right for %i elements", (length) => {
    expectOperation({
      inputs: [map(randomArray([length], 1), (value) => 5 * value)],
      forward: (x) => tf.tanh(x),
      reference: (x) => map(x, Math.tanh),
    });
  });

  test("is off by 4 units in the last place at most, from tiny to huge arguments", () => {
    const x = arrayOf([4000], (index) => Math.fround((index % 2 ? 1 : -1) * 10 ** (-8 + index / 400)));

    const values = tf.tidy(() => tf.tanh(tf.tensor1d(Float32Array.from(x.values))).dataSync());

    const errors = Array.from(values, (value, index) => {
      const expected = Math.tanh(x.values[index] ?? 0);
      return Math.abs(value - expected) / (Math.abs(expected) * 2 ** -23);
    });
    expect(Math.max(...errors)).toBeLessThanOrEqual(4);
  });

  test("is ±1 for infinite arguments, and NaN for NaN", () => {
    const values = tf.tidy(() =>
      tf.tanh([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, 0]).dataSync(),
    );

    expect(Array.from(values)).toEqual([-1, 1, Number.NaN, 0]);
  });
});

describe("relu", () => {
  test.each(lengths)("and its gradient are right for %i elements", (length) => {
    expectOperation({
      inputs: [map(distinctArray([length], 1), (value) => value + 0.005)],
      forward: (x) => tf.relu(x),
      reference: (x) => map(x, (value) => Math.max(0, value)),
    });
  });

  test("has the gradient 0 at 0", () => {
    const gradient = tf.tidy(() =>
      tf
        .grad((x: tf.Tensor) => tf.sum(tf.relu(x)))(tf.tensor1d([0, -0, 1, -1, 0]))
        .dataSync(),
    );

    expect(Array.from(gradient)).toEqual([0, 0, 1, 0, 0]);
  });
});

describe("adding a bias", () => {
  test.each([
    [1, 1],
    [3, 1],
    [7, 3],
    [5, 4],
    [3, 6],
    [2, 17],
  ])("to %i rows of %i columns has the right values and gradients", (rows, columns) => {
    expectOperation({
      inputs: [randomArray([rows, columns], 1), randomArray([columns], 2)],
      forward: (x, bias) => tf.add(x, bias),
      reference: addPerColumn,
    });
  });

  test("works the same for images", () => {
    expectOperation({
      inputs: [randomArray([2, 3, 5, 6], 1), randomArray([6], 2)],
      forward: (x, bias) => tf.add(x, bias),
      reference: addPerColumn,
    });
  });

  test("leaves other broadcasts to the backend", () => {
    const column = tf.tidy(() => tf.add(tf.ones([2, 2]), tf.tensor2d([[1], [2]])).dataSync());
    const integers = tf.tidy(() => tf.add(tf.ones([1, 2], "int32"), tf.tensor1d([1, 2], "int32")));

    expect(Array.from(column)).toEqual([2, 2, 3, 3]);
    expect(Array.from(integers.dataSync())).toEqual([2, 3]);
    integers.dispose();
  });

  test("keeps NaN and infinities", () => {
    expectForward({
      inputs: [arrayOf([1, 4], (index) => index), arrayOf([4], () => 1)],
      forward: (x, bias) => tf.add(x, bias),
      reference: addPerColumn,
    });
    const x = tf.tensor2d([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, Number.NaN], [1, 5]);
    const sum = tf.tidy(() => tf.add(x, tf.ones([5])).dataSync());
    x.dispose();

    expect(Array.from(sum)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2, Number.NaN]);
  });
});
