import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type Sequential, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import { createSlot } from "../../../../trainer/engine/weight-update.ts";
import { installWasmKernels, type WasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { toTensor } from "./check-gradients.ts";
import { randomArray } from "./random-array.ts";

let kernels: WasmKernels;
beforeAll(async () => {
  kernels = await installWasmKernels();
});

type Pooling = "max" | "average";

const poolings = {
  max: () => layers.maxPooling2d({ poolSize: 2 }),
  average: () => layers.averagePooling2d({ poolSize: 2 }),
};

function lenet(pooling: Pooling): Sequential {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 6, kernelSize: 5, activation: "relu" }),
      poolings[pooling](),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
      poolings[pooling](),
      layers.flatten(),
      layers.dense({ units: 120, activation: "tanh" }),
      layers.dense({ units: 84, activation: "tanh" }),
      layers.dense({ units: 10 }),
    ],
  });
  tf.tidy(() => {
    const weights = model.getWeights().map(({ shape }, index) => tf.mul(toTensor(randomArray(shape, index)), 0.1));
    model.setWeights(weights);
  });
  return model;
}

function weightsOf(model: Sequential): tf.Variable[] {
  return model.trainableWeights.map((weight) => {
    const variable = weight.read();
    if (!(variable instanceof tf.Variable)) throw new TypeError(`${weight.name} is no variable`);
    return variable;
  });
}

/** Trains LeNet-5 for a few steps from the same start: losses and tensors alive by step, hash of the weights at the end. */
function train(pooling: Pooling) {
  const model = lenet(pooling);
  const weights = weightsOf(model).map((variable) => ({
    variable,
    slots: {
      m: createSlot({ name: variable.name, variable }, "m").variable,
      v: createSlot({ name: variable.name, variable }, "v").variable,
    },
  }));
  const images = toTensor(randomArray([10, 28, 28, 1], 99));
  const labels = tf.eye(10);
  const steps = Array.from({ length: 8 }, (_, index) => {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => {
          const logits = model.apply(images, { training: true });
          if (Array.isArray(logits) || !(logits instanceof tf.Tensor)) throw new TypeError("expected one tensor");
          return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, logits);
        },
        weights.map(({ variable }) => variable),
      );
      for (const { variable, slots } of weights) {
        const gradient = grads[variable.name];
        if (gradient === undefined) throw new Error(`no gradient for ${variable.name}`);
        const rates = { learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
        kernels.applyAdam({ variable, gradient, ...slots, step: index + 1, ...rates });
      }
      return value.dataSync()[0] ?? Number.NaN;
    });
    return { loss, tensors: tf.memory().numTensors };
  });
  const hash = createHash("sha256");
  for (const { variable } of weights) hash.update(variable.dataSync<"float32">());
  tf.dispose([weights.map(({ slots }) => slots), images, labels]);
  model.dispose();
  return {
    losses: steps.map(({ loss }) => loss),
    tensors: steps.map(({ tensors }) => tensors),
    hash: hash.digest("hex"),
  };
}

describe.each(["max", "average"] as const)("training LeNet-5 with %s pooling", (pooling) => {
  test("makes the loss fall and leaves no tensor behind", () => {
    const before = tf.memory().numTensors;

    const { losses, tensors } = train(pooling);

    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.2);
    expect(new Set(tensors).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("twice gives the same bytes", () => {
    const [first, second] = [train(pooling), train(pooling)];

    expect(second.losses).toEqual(first.losses);
    expect(second.hash).toBe(first.hash);
  });
});
