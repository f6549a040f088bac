import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { installWasmKernels, type WasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { createSlot } from "../../../../trainer/engine/weight-update.ts";
import { toTensor } from "./check-gradients.ts";
import { arrayOf, randomArray } from "./random-array.ts";

let kernels: WasmKernels;
beforeAll(async () => {
  kernels = await installWasmKernels();
});

const COUNT = 11;
const STEPS = 6;
const initial = randomArray([COUNT], 1);

/** Gradient number `step`; nothing depends on the weights, so both sides get the same. */
function gradientOf(step: number): Float64Array {
  return randomArray([COUNT], 100 + step).values;
}

/** Zeros of the variable's shape. */
function slotOf(variable: tf.Variable): tf.Variable {
  return createSlot({ name: "weight", variable }, "slot").variable;
}

/** Runs some steps and returns the weights and slots after them. */
function run(
  slotCount: number,
  update: (step: number, variable: tf.Variable, gradient: tf.Tensor, slots: tf.Variable[]) => void,
) {
  const before = tf.memory().numTensors;
  const start = toTensor(initial);
  const variable = tf.variable(start);
  const slots = Array.from({ length: slotCount }, () => slotOf(variable));
  start.dispose();
  const alive = tf.memory().numTensors;
  for (let step = 1; step <= STEPS; step++) {
    const gradient = toTensor({ shape: [COUNT], values: gradientOf(step) });
    update(step, variable, gradient, slots);
    gradient.dispose();
    expect(tf.memory().numTensors).toBe(alive);
  }
  const result = [variable, ...slots].map((tensor) => Array.from(tensor.dataSync()));
  tf.dispose([variable, ...slots]);
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

function expectClose(actual: number[] | undefined, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of (actual ?? []).entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 6);
}

describe("gradient descent", () => {
  const learningRate = 0.1;

  test("without momentum follows the gradient", () => {
    const expected = initial.values.map((weight, index) => {
      let w = weight;
      for (let step = 1; step <= STEPS; step++) w -= learningRate * (gradientOf(step)[index] ?? 0);
      return w;
    });

    const [weights] = run(0, (_step, variable, gradient) =>
      kernels.applySgd({ variable, gradient, learningRate, momentum: 0, nesterov: false }),
    );

    expectClose(weights, expected);
  });

  test.each([false, true])("with momentum follows Keras' rule; nesterov %s", (nesterov) => {
    const momentum = 0.9;
    const w = Float64Array.from(initial.values);
    const v = new Float64Array(COUNT);
    for (let step = 1; step <= STEPS; step++) {
      for (const [index, g] of gradientOf(step).entries()) {
        const velocity = momentum * (v[index] ?? 0) - learningRate * g;
        v[index] = velocity;
        w[index] = (w[index] ?? 0) + (nesterov ? momentum * velocity - learningRate * g : velocity);
      }
    }

    const [weights, velocities] = run(1, (_step, variable, gradient, [velocity]) =>
      kernels.applySgd({ variable, gradient, velocity, learningRate, momentum, nesterov }),
    );

    expectClose(weights, w);
    expectClose(velocities, v);
  });

  test("with momentum but without a velocity is refused", () => {
    const variable = tf.variable(tf.zeros([2]));
    const update = (): void =>
      kernels.applySgd({ variable, gradient: variable, learningRate: 1, momentum: 0.9, nesterov: false });

    expect(update).toThrow("SGD with momentum 0.9 needs a velocity");
    variable.dispose();
  });
});

describe("Adam", () => {
  const rates = { learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

  test("follows Keras' rule", () => {
    const { learningRate, beta1, beta2, epsilon } = rates;
    const w = Float64Array.from(initial.values);
    const m = new Float64Array(COUNT);
    const v = new Float64Array(COUNT);
    for (let step = 1; step <= STEPS; step++) {
      const alpha = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      for (const [index, g] of gradientOf(step).entries()) {
        m[index] = (m[index] ?? 0) + (g - (m[index] ?? 0)) * (1 - beta1);
        v[index] = (v[index] ?? 0) + (g * g - (v[index] ?? 0)) * (1 - beta2);
        w[index] = (w[index] ?? 0) - (alpha * (m[index] ?? 0)) / (Math.sqrt(v[index] ?? 0) + epsilon);
      }
    }

    const [weights, firstMoments, secondMoments] = run(2, (step, variable, gradient, [m, v]) => {
      if (m !== undefined && v !== undefined) kernels.applyAdam({ variable, gradient, m, v, step, ...rates });
    });

    expectClose(weights, w);
    expectClose(firstMoments, m);
    expectClose(secondMoments, v);
  });

  test("moves every weight by the learning rate in the first step, whatever the gradient's size", () => {
    const variable = tf.variable(tf.zeros([5]));
    const [gradient, m, v] = [tf.tensor1d([1, -1, 100, -0.01, 5]), slotOf(variable), slotOf(variable)];

    kernels.applyAdam({ variable, gradient, m, v, step: 1, ...rates });

    const signs = Array.from(variable.dataSync(), (weight) => Number((weight / 0.05).toFixed(3)));
    expect(signs).toEqual([-1, 1, -1, 1, -1]);
    tf.dispose([variable, gradient, m, v]);
  });

  test("never writes into the old weights' buffer", () => {
    const start = tf.ones([4]);
    const variable = tf.variable(start);
    const [gradient, m, v] = [tf.ones([4]), slotOf(variable), slotOf(variable)];

    kernels.applyAdam({ variable, gradient, m, v, step: 1, ...rates });

    expect(Array.from(start.dataSync())).toEqual([1, 1, 1, 1]);
    tf.dispose([start, variable, gradient, m, v]);
  });

  test("refuses a slot whose data somebody else holds", () => {
    const variable = tf.variable(tf.zeros([2]));
    const [gradient, m] = [tf.ones([2]), slotOf(variable)];
    const v = tf.variable(m);

    expect(() => kernels.applyAdam({ variable, gradient, m, v, step: 1, ...rates })).toThrow(
      /2 tensors share the data of slot m, which changes in place/,
    );
    tf.dispose([variable, gradient, m, v]);
  });

  test("refuses another shape and a step below 1", () => {
    const variable = tf.variable(arrayOfZeros(2));
    const [gradient, m, v] = [arrayOfZeros(3), slotOf(variable), slotOf(variable)];

    expect(() => kernels.applyAdam({ variable, gradient, m, v, step: 1, ...rates })).toThrow(
      "gradient is float32 [3], expected float32 [2]",
    );
    expect(() => kernels.applyAdam({ variable, gradient: v, m, v, step: 0, ...rates })).toThrow(
      "Adam's step is 0, expected 1 or more",
    );
    tf.dispose([variable, gradient, m, v]);
  });
});

function arrayOfZeros(length: number): tf.Tensor {
  return toTensor(arrayOf([length], () => 0));
}
