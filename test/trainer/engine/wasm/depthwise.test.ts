import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectForward, expectOperation, type Operation, rank4 } from "./check-gradients.ts";
import { randomArray } from "./random-array.ts";
import { addPerColumn, depthwiseConvolution, map, type Window } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

interface Case extends Window {
  readonly image: readonly [number, number];
  readonly channels: number;
  readonly multiplier: number;
}

function operationOf({ image, channels, multiplier, ...window }: Case): Operation {
  const { size, strides, padding } = window;
  return {
    inputs: [randomArray([2, ...image, channels], 1), randomArray([...size, channels, multiplier], 2)],
    forward: (x, filter) => tf.depthwiseConv2d(rank4(x), rank4(filter), [...strides], padding),
    reference: (x, filter) => depthwiseConvolution(x, filter, window),
  };
}

describe("depthwise convolution and both its gradients are right", () => {
  test.each([
    [1, 1],
    [3, 1],
    [8, 1],
    [17, 1],
    [5, 2],
    [3, 4],
  ])("for %i channels with %i filters each", (channels, multiplier) => {
    const window: Window = { size: [3, 3], strides: [1, 1], padding: "same" };
    expectOperation(operationOf({ image: [6, 7], channels, multiplier, ...window }));
  });

  test("for any geometry", () => {
    const small = fc.integer({ min: 1, max: 3 });
    const geometry = fc.record({
      image: fc.tuple(fc.integer({ min: 3, max: 8 }), fc.integer({ min: 3, max: 8 })),
      channels: fc.integer({ min: 1, max: 6 }),
      multiplier: fc.integer({ min: 1, max: 2 }),
      size: fc.tuple(small, small),
      strides: small.map((stride) => [stride, stride] as const),
      padding: fc.constantFrom("same" as const, "valid" as const),
    });

    fc.assert(
      fc.property(geometry, (example) => expectOperation(operationOf(example))),
      { seed: 20260105, numRuns: 40 },
    );
  });
});

test("fused depthwise convolution adds the bias and applies relu", () => {
  const window: Window = { size: [3, 3], strides: [1, 1], padding: "same" };
  expectForward({
    inputs: [randomArray([2, 5, 6, 3], 1), randomArray([3, 3, 3, 2], 2), randomArray([6], 3)],
    forward: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: rank4(x),
        filter: rank4(filter),
        strides: 1,
        pad: "same",
        bias,
        activation: "relu",
      }),
    reference: (x, filter, bias) =>
      map(addPerColumn(depthwiseConvolution(x, filter, window), bias), (value) => Math.max(0, value)),
  });
});

test("a dilated depthwise window reads every second pixel", () => {
  const values = tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1]);
    const filter = tf.tensor4d([1, 10], [1, 2, 1, 1]);
    return Array.from(tf.depthwiseConv2d(x, filter, 1, "valid", "NHWC", [1, 2]).dataSync());
  });

  expect(values).toEqual([31, 42, 53]);
});
