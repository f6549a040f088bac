import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation } from "./check-gradients.ts";
import { arrayOf, randomArray } from "./random-array.ts";

beforeAll(() => installWasmKernels());

describe("a slice", () => {
  test("is right for any part of any shape", () => {
    const axis = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(4), fc.nat(5)).map(([length, begin, size]) => ({
      length,
      begin: begin % length,
      size: size % (length - (begin % length) + 1),
    }));

    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 5 }), (axes) => {
        const shape = axes.map(({ length }) => length);
        const size = axes.map(({ size }) => size);
        const x = arrayOf(shape, (index) => index);
        const expected = arrayOf(size, (index) => {
          let rest = index;
          let stride = 1;
          let source = 0;
          for (const { length, begin, size } of axes.toReversed()) {
            source += (begin + (rest % size)) * stride;
            rest = Math.floor(rest / size);
            stride *= length;
          }
          return source;
        });

        const values = tf.tidy(() =>
          tf
            .slice(
              tf.tensor(Float32Array.from(x.values), shape),
              axes.map(({ begin }) => begin),
              size,
            )
            .dataSync(),
        );

        expect(Array.from(values)).toEqual(Array.from(expected.values));
      }),
      { seed: 20260104, numRuns: 200 },
    );
  });

  test("takes the rest of an axis where the size is -1", () => {
    const values = tf.tidy(() => tf.slice(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), [1, 0], [-1, 2]).arraySync());

    expect(values).toEqual([
      [3, 4],
      [5, 6],
    ]);
  });

  test("keeps the type of integers, flags and texts", () => {
    const tensors = [
      tf.tensor1d([1, 2, 3], "int32"),
      tf.tensor1d([true, false, true], "bool"),
      tf.tensor1d(["a", "b", "c"], "string"),
    ];
    const slices = tensors.map((tensor) => tf.slice(tensor, 1, 2));
    const parts = slices.map((part) => [part.dtype, Array.from<unknown>(part.dataSync())]);
    tf.dispose([tensors, slices]);

    expect(parts).toEqual([
      ["int32", [2, 3]],
      ["bool", [0, 1]],
      ["string", ["b", "c"]],
    ]);
  });

  test("has the right gradient", () => {
    expectOperation({
      inputs: [randomArray([4, 3], 1)],
      forward: (x) => tf.slice(x, [1, 0], [2, 3]),
      reference: (x) => arrayOf([2, 3], (index) => x.values[index + 3] ?? 0),
    });
  });
});

describe("a clone", () => {
  test("lives on when its original is gone", () => {
    const original = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(original);

    original.dispose();
    const filler = tf.ones([3]);

    expect(Array.from(clone.dataSync())).toEqual([1, 2, 3]);
    tf.dispose([clone, filler]);
  });

  test("takes no memory of its own", () => {
    const original = tf.ones([1000]);
    const before = tf.memory().numDataBuffers;

    const clone = tf.clone(original);

    expect(tf.memory().numDataBuffers).toBe(before);
    tf.dispose([original, clone]);
  });

  test("of texts holds the texts", () => {
    const clone = tf.tidy(() => tf.clone(tf.tensor1d(["a", "b"], "string")).dataSync());

    expect(Array.from<unknown>(clone)).toEqual(["a", "b"]);
  });
});

describe("a cast", () => {
  test("to another type converts", () => {
    const values = tf.tidy(() => tf.cast(tf.tensor1d([1.7, -1.7]), "int32"));

    expect([values.dtype, ...values.dataSync()]).toEqual(["int32", 1, -1]);
    values.dispose();
  });

  test("to the type it has takes no memory of its own and lives on when its original is gone", () => {
    const original = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numDataBuffers;

    const cast = tf.cast(original, "float32");
    original.dispose();

    expect(tf.memory().numDataBuffers).toBe(before);
    expect(Array.from(cast.dataSync())).toEqual([1, 2, 3]);
    cast.dispose();
    expect(tf.memory().numDataBuffers).toBe(before - 1);
  });
});
