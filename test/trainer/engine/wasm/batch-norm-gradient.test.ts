import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation } from "./check-gradients.ts";
import { type Array64, arrayOf, randomArray } from "./random-array.ts";
import { map } from "./reference-operations.ts";

beforeAll(() => installWasmKernels());

const EPSILON = 1e-3;

function normalised(x: Array64, mean: Array64, variance: Array64, offset: Array64, scale: Array64): Array64 {
  const channels = mean.values.length;
  return arrayOf(x.shape, (index) => {
    const channel = index % channels;
    const deviation = Math.sqrt((variance.values[channel] ?? 0) + EPSILON);
    const standardised = ((x.values[index] ?? 0) - (mean.values[channel] ?? 0)) / deviation;
    return standardised * (scale.values[channel] ?? 0) + (offset.values[channel] ?? 0);
  });
}

describe("batch normalisation with given statistics has the right values and gradients", () => {
  const channels = 5;
  const mean = randomArray([channels], 2);
  const variance = map(randomArray([channels], 3), (value) => Math.fround(1.5 + value));
  const offset = randomArray([channels], 4);
  const scale = randomArray([channels], 5);

  test.each([[[3, 4, 2, channels]], [[7, channels]]])("for shape %j", (shape) => {
    expectOperation({
      inputs: [randomArray(shape, 1), mean, variance, offset, scale],
      forward: (x, mean, variance, offset, scale) =>
        tf.batchNorm(x, rank1(mean), rank1(variance), rank1(offset), rank1(scale), EPSILON),
      reference: normalised,
    });
  });
});

function rank1(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape(tensor, [tensor.size]);
}
