import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation, type Operation, rank4 } from "./check-gradients.ts";
import { distinctArray } from "./random-array.ts";
import { pooling, type Window } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

interface Case extends Window {
  readonly kind: "max" | "average";
  readonly image: readonly [number, number];
  readonly channels: number;
}

function operationOf({ kind, image, channels, ...window }: Case): Operation {
  const pool = kind === "max" ? tf.maxPool : tf.avgPool;
  const { size, strides, padding } = window;
  return {
    inputs: [distinctArray([2, ...image, channels], 1)],
    forward: (x) => pool(rank4(x), [...size], [...strides], padding),
    reference: (x) => pooling(x, kind, window),
  };
}

describe.each(["max", "average"] as const)("%s pooling and its gradient are right", (kind) => {
  const plain: Case = { kind, image: [6, 8], channels: 5, size: [2, 2], strides: [2, 2], padding: "valid" };

  test.each([1, 3, 4, 5, 6, 8, 17])("for %i channels", (channels) => {
    expectOperation(operationOf({ ...plain, channels }));
  });

  test.each(["same", "valid"] as const)("for odd images with %s padding", (padding) => {
    expectOperation(operationOf({ ...plain, image: [7, 5], padding }));
    expectOperation(operationOf({ ...plain, image: [7, 6], padding }));
    expectOperation(operationOf({ ...plain, image: [6, 7], padding }));
  });

  test("for gaps between windows of 2×2 pixels, although there are as many windows as without", () => {
    expectOperation(operationOf({ ...plain, image: [4, 8], channels: 11, strides: [3, 2], padding: "same" }));
    expectOperation(operationOf({ ...plain, image: [8, 4], channels: 11, strides: [2, 3], padding: "same" }));
  });

  test.each(["same", "valid"] as const)("for overlapping and rectangular windows with %s padding", (padding) => {
    expectOperation(operationOf({ ...plain, size: [3, 3], strides: [2, 2], padding }));
    expectOperation(operationOf({ ...plain, size: [2, 2], strides: [1, 1], padding }));
    expectOperation(operationOf({ ...plain, size: [3, 2], strides: [1, 2], padding }));
  });

  test.each(["same", "valid"] as const)("for windows with gaps between them with %s padding", (padding) => {
    expectOperation(operationOf({ ...plain, size: [2, 2], strides: [3, 3], padding }));
    expectOperation(operationOf({ ...plain, size: [1, 2], strides: [2, 3], padding }));
  });

  test("for any geometry", () => {
    const small = fc.integer({ min: 1, max: 4 });
    const geometry = fc.record({
      kind: fc.constant(kind),
      image: fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
      channels: fc.integer({ min: 1, max: 9 }),
      size: fc.tuple(small, small),
      strides: fc.tuple(small, small),
      padding: fc.constantFrom("same" as const, "valid" as const),
    });

    fc.assert(
      fc.property(geometry, (example) => expectOperation(operationOf(example))),
      { seed: 20260103, numRuns: 60 },
    );
  });
});

describe("the gradient of max pooling", () => {
  function gradientOf(values: number[][], size: number, strides: number, channels = 1): number[] {
    return tf.tidy(() => {
      const image = tf.tile(tf.tensor4d(values.flat(), [1, values.length, values[0]?.length ?? 0, 1]), [
        1,
        1,
        1,
        channels,
      ]);
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.maxPool(rank4(x), size, strides, "same")))(image);
      return Array.from(gradient.dataSync());
    });
  }

  test("goes to the first of equal maxima, in reading order", () => {
    const gradient = gradientOf(
      [
        [1, 1, 0, 2],
        [1, 1, 2, 2],
      ],
      2,
      2,
    );

    expect(gradient).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  });

  test("goes to the first of equal maxima in every one of several channels", () => {
    const gradient = gradientOf(
      [
        [3, 3],
        [3, 3],
      ],
      2,
      2,
      5,
    );

    expect(gradient).toEqual([...Array.from({ length: 5 }, () => 1), ...Array.from({ length: 15 }, () => 0)]);
  });

  test("adds up where windows overlap", () => {
    const gradient = gradientOf([[0, 5, 1]], 2, 1);

    expect(gradient).toEqual([0, 2, 1]);
  });

  test("is nothing where a window lies wholly in the padding", () => {
    const gradient = tf.tidy(() => {
      const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const pool = (x: tf.Tensor): tf.Tensor => tf.slice(tf.maxPool(rank4(x), 1, 1, 1), [0, 1, 1, 0], [1, 2, 2, 1]);
      return Array.from(
        tf
          .grad((x: tf.Tensor) => tf.sum(pool(x)))(image)
          .dataSync(),
      );
    });

    expect(gradient).toEqual([1, 1, 1, 1]);
  });
});

test("average pooling does not hide NaN", () => {
  const values = tf.tidy(() => [
    ...tf.avgPool(tf.tensor4d([Number.NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 2, "valid").dataSync(),
  ]);

  expect(values).toEqual([Number.NaN]);
});

test("max pooling does not hide NaN", () => {
  const values = tf.tidy(() => {
    const image = tf.tensor4d([Number.NaN, 1, 2, 3], [1, 2, 2, 1]);
    const wide = tf.tile(image, [1, 1, 1, 4]);
    return [...tf.maxPool(image, 2, 2, "valid").dataSync(), ...tf.maxPool(wide, 2, 2, "valid").dataSync()];
  });

  expect(values).toEqual(Array.from({ length: 5 }, () => Number.NaN));
});
