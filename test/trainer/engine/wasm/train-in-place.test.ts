import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { trainInPlace } from "../../../../trainer/engine/wasm/train-in-place.ts";
import { toTensor } from "./check-gradients.ts";
import { randomArray } from "./random-array.ts";

type Layer = layers.Layer;

const variants: readonly (readonly [string, () => Layer, readonly number[]])[] = [
  ["conv2d relu", () => layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu" }), [2, 7, 6, 3]],
  [
    "conv2d linear same strided",
    () => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
    [2, 7, 6, 3],
  ],
  ["dense relu", () => layers.dense({ units: 9, activation: "relu" }), [4, 13]],
  ["dense linear", () => layers.dense({ units: 9 }), [4, 13]],
];

const untouched: readonly (readonly [string, () => Layer, readonly number[]])[] = [
  ["dense tanh", () => layers.dense({ units: 3, activation: "tanh" }), [4, 5]],
  ["dense without bias", () => layers.dense({ units: 3, useBias: false, activation: "relu" }), [4, 5]],
  ["dense on rows of rows", () => layers.dense({ units: 3, activation: "relu" }), [4, 2, 5]],
  ["dilated conv2d", () => layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2 }), [1, 5, 5, 2]],
];

beforeAll(async () => {
  await installWasmKernels();
});

/** Output and gradients by input and weights of a layer in training. */
function trainOnce(layer: Layer, shape: readonly number[]): number[][] {
  const x = toTensor(randomArray(shape, 1));
  layer.build([...shape]);
  layer.weights.forEach((weight, index) => weight.write(toTensor(randomArray(weight.shape.map(Number), index + 2))));
  const variables = layer.weights.map((weight) => weight.read() as tf.Variable);
  return tf.tidy(() => {
    const apply = (input: tf.Tensor): tf.Tensor => layer.apply(input, { training: true }) as tf.Tensor;
    const output = apply(x);
    const functional = toTensor(randomArray(output.shape, 9));
    const loss = (input: tf.Tensor): tf.Scalar => tf.sum(tf.mul(apply(input), functional));
    const { grads } = tf.variableGrads(() => loss(x), variables);
    const byInput = tf.grad((input: tf.Tensor) => loss(input))(x);
    return [output, byInput, ...Object.values(grads)].map((tensor) => [...tensor.dataSync()]);
  });
}

describe("a layer that is trained in place", () => {
  test.each(variants)("gives the very numbers of the stock layer: %s", (_, create, shape) => {
    const [stock, lean] = [create(), create()];
    trainInPlace(lean);

    expect(Object.hasOwn(lean, "call")).toBe(true);
    expect(trainOnce(lean, shape)).toEqual(trainOnce(stock, shape));
  });

  test("keeps one copy of its output until the gradient, where the stock layer keeps three", () => {
    const copies = [false, true].map((isInPlace) => {
      const layer = layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu" });
      if (isInPlace) trainInPlace(layer);
      return countKept(layer, [2, 7, 6, 3]);
    });

    expect(copies).toEqual([3, 1]);
  });

  test("takes no part in the gradient of what is frozen", () => {
    const layer = layers.dense({ units: 3, activation: "relu", trainable: false });
    trainInPlace(layer);

    expect(trainOnce(layer, [2, 4])).toHaveLength(4);
  });

  test.each(untouched)("is left as it is where nothing is gained: %s", (_, create, shape) => {
    const [stock, lean] = [create(), create()];
    trainInPlace(lean);

    if (shape.length === 4) expect(lean.getConfig()["dilationRate"]).toEqual([2, 2]);
    else expect(trainOnce(lean, shape)).toEqual(trainOnce(stock, shape));
  });
});

/** Buffers that a forward pass leaves for the gradient. */
function countKept(layer: Layer, shape: readonly number[]): number {
  const x = toTensor(randomArray(shape, 1));
  layer.build([...shape]);
  const variables = layer.weights.map((weight) => weight.read() as tf.Variable);
  let kept = 0;
  tf.tidy(() => {
    const before = tf.memory().numDataBuffers;
    const loss = (): tf.Scalar => {
      const output = layer.apply(x, { training: true }) as tf.Tensor;
      kept = tf.memory().numDataBuffers - before;
      return tf.sum(output);
    };
    tf.variableGrads(loss, variables);
  });
  x.dispose();
  return kept;
}
