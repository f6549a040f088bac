import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectForward, expectOperation, type Operation, rank4 } from "./check-gradients.ts";
import { randomArray } from "./random-array.ts";
import { addPerColumn, convolution, map, padImages, type Window } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

interface Case extends Window {
  readonly batch: number;
  readonly image: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
}

const plain: Case = {
  batch: 2,
  image: [6, 7],
  channels: 3,
  filters: 8,
  size: [3, 3],
  strides: [1, 1],
  padding: "same",
};

function operationOf({ batch, image, channels, filters, ...window }: Case): Operation {
  const { size, strides, padding } = window;
  return {
    inputs: [randomArray([batch, ...image, channels], 1), randomArray([...size, channels, filters], 2)],
    forward: (x, filter) => tf.conv2d(rank4(x), rank4(filter), [...strides], padding),
    reference: (x, filter) => convolution(x, filter, window),
  };
}

describe("convolution and both its gradients are right", () => {
  test.each([1, 3, 5, 8, 17])("for %i channels", (channels) => {
    expectOperation(operationOf({ ...plain, channels, filters: 5 }));
  });

  test.each([1, 3, 5, 8, 17])("for %i filters", (filters) => {
    expectOperation(operationOf({ ...plain, filters }));
  });

  test.each(["same", "valid"] as const)("for rectangular windows and unequal strides with %s padding", (padding) => {
    expectOperation(operationOf({ ...plain, size: [3, 2], strides: [2, 1], padding }));
    expectOperation(operationOf({ ...plain, size: [1, 4], strides: [1, 3], padding }));
    expectOperation(operationOf({ ...plain, size: [5, 5], image: [9, 8], strides: [2, 2], padding }));
  });

  test.each(["same", "valid"] as const)("for 1×1 windows, also with gaps between them, with %s padding", (padding) => {
    expectOperation(operationOf({ ...plain, size: [1, 1], padding }));
    expectOperation(operationOf({ ...plain, size: [1, 1], strides: [2, 3], padding }));
  });

  test("for a window as large as the image", () => {
    expectOperation(operationOf({ ...plain, image: [4, 5], size: [4, 5], padding: "valid" }));
  });

  test("for a window larger than the image, padded", () => {
    expectOperation(operationOf({ ...plain, image: [2, 3], size: [5, 5] }));
  });

  test("for more pixels than one band holds: several bands of images, and of rows", () => {
    expectOperation(operationOf({ ...plain, batch: 7, image: [13, 14], channels: 1, filters: 2 }));
    expectOperation(operationOf({ ...plain, batch: 2, image: [37, 23], channels: 1, filters: 2 }));
    expectOperation(operationOf({ ...plain, batch: 1, image: [2, 530], channels: 1, filters: 1 }));
  });

  test("for any geometry", () => {
    const small = fc.integer({ min: 1, max: 4 });
    const geometry = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      image: fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
      channels: fc.integer({ min: 1, max: 6 }),
      filters: fc.integer({ min: 1, max: 9 }),
      size: fc.tuple(small, small),
      strides: fc.tuple(small, small),
      padding: fc.constantFrom("same" as const, "valid" as const),
    });

    fc.assert(
      fc.property(geometry, (example) => expectOperation(operationOf(example))),
      { seed: 20260102, numRuns: 40 },
    );
  });
});

describe("explicit padding is that of zeros", () => {
  test("with different numbers on the four sides", () => {
    expectForward({
      inputs: [randomArray([2, 5, 6, 3], 1), randomArray([3, 3, 3, 5], 2)],
      forward: (x, filter) =>
        tf.conv2d(rank4(x), rank4(filter), 1, [
          [0, 0],
          [2, 0],
          [1, 3],
          [0, 0],
        ]),
      reference: (x, filter) => convolution(padImages(x, [2, 0], [1, 3]), filter, unpadded([3, 3])),
    });
  });

  test("also where windows lie wholly in the padding", () => {
    expectOperation({
      inputs: [randomArray([2, 5, 6, 3], 1), randomArray([2, 2, 3, 5], 2)],
      forward: (x, filter) => tf.conv2d(rank4(x), rank4(filter), 1, 3),
      reference: (x, filter) => convolution(padImages(x, [3, 3], [3, 3]), filter, unpadded([2, 2])),
    });
  });

  const unpadded = (size: Window["size"]): Window => ({ size, strides: [1, 1], padding: "valid" });
});

describe("fused convolution", () => {
  test.each([
    ["linear", (value: number) => value],
    ["relu", (value: number) => Math.max(0, value)],
    ["relu6", (value: number) => Math.min(6, Math.max(0, value))],
    ["elu", (value: number) => (value < 0 ? Math.expm1(value) : value)],
  ] as const)("adds the bias and applies %s", (activation, transform) => {
    expectForward({
      inputs: [
        randomArray([2, 5, 6, 3], 1),
        randomArray([3, 3, 3, 6], 2),
        map(randomArray([6], 3), (value) => 20 * value),
      ],
      forward: (x, filter, bias) =>
        tf.fused.conv2d({ x: rank4(x), filter: rank4(filter), strides: 1, pad: "same", bias, activation }),
      reference: (x, filter, bias) =>
        map(addPerColumn(convolution(x, filter, { size: [3, 3], strides: [1, 1], padding: "same" }), bias), transform),
    });
  });

  test("has the right gradients for input, filter and bias", () => {
    expectOperation({
      inputs: [randomArray([2, 5, 6, 3], 1), randomArray([3, 3, 3, 6], 2), randomArray([6], 3)],
      forward: (x, filter, bias) =>
        tf.fused.conv2d({ x: rank4(x), filter: rank4(filter), strides: 1, pad: "same", bias }),
      reference: (x, filter, bias) =>
        addPerColumn(convolution(x, filter, { size: [3, 3], strides: [1, 1], padding: "same" }), bias),
    });
  });
});

test("a dilated window reads every second pixel", () => {
  const values = tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1]);
    const filter = tf.tensor4d([1, 10], [1, 2, 1, 1]);
    return Array.from(tf.conv2d(x, filter, 1, "valid", "NHWC", [1, 2]).dataSync());
  });

  expect(values).toEqual([31, 42, 53]);
});

test("no images give no output and a filter gradient of zeros", () => {
  const [output, gradient] = tf.tidy(() => {
    const x = tf.zeros<tf.Rank.R4>([0, 4, 4, 2]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 2, 1]);
    const gradientOf = tf.grad((filter: tf.Tensor) => tf.sum(tf.conv2d(x, rank4(filter), 1, "same")));
    return [tf.conv2d(x, filter, 1, "same").shape, Array.from(gradientOf(filter).dataSync())];
  });

  expect(output).toEqual([0, 4, 4, 1]);
  expect(gradient).toEqual(Array.from({ length: 18 }, () => 0));
});
