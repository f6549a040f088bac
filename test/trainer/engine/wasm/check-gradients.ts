import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { type Array64, arrayOf, randomArray } from "./random-array.ts";

/** An operation twice: in TensorFlow.js (under test) and in plain float64. */
export interface Operation {
  readonly inputs: readonly Array64[];
  readonly forward: (...tensors: tf.Tensor[]) => tf.Tensor;
  readonly reference: (...arrays: Array64[]) => Array64;
}

/** Relative to the length of the vectors compared: float32 has 6e-8, sums of hundreds of terms lose some of it. */
const TOLERANCE = 5e-6;

/** Step of the central differences: exact for linear operations, and float64 leaves 1e-10. */
const STEP = 1e-5;

/** Directions per input; an error in one element shows in every random direction. */
const DIRECTIONS = 3;

/** Expects shape and values of the operation's output to be those of the reference. */
export function expectForward({ inputs, forward, reference }: Operation): void {
  const expected = reference(...inputs);
  const [shape, values] = tf.tidy(() => {
    const output = forward(...inputs.map(toTensor));
    return [output.shape, output.dataSync()];
  });

  expect(shape).toEqual(expected.shape);
  expect(distance(values, expected.values)).toBeLessThanOrEqual(TOLERANCE * (1 + norm(expected.values)));
}

/**
 * Expects the gradient of a random linear functional of the output, with respect to every input, to agree with central
 * differences of the float64 reference along random directions.
 */
export function expectGradients(operation: Operation): void {
  const { inputs, forward, reference } = operation;
  const functional = randomArray(reference(...inputs).shape, 1234);
  const loss = (...arrays: Array64[]): number => dot(reference(...arrays).values, functional.values);

  const gradients = tf.tidy(() => {
    const weights = toTensor(functional);
    const gradientsOf = tf.grads((...tensors: tf.Tensor[]) => tf.sum(tf.mul(forward(...tensors), weights)));
    return gradientsOf(inputs.map(toTensor)).map((gradient) => ({
      shape: gradient.shape,
      values: gradient.dataSync(),
    }));
  });

  for (const [index, input] of inputs.entries()) {
    const gradient = gradients[index];
    expect(gradient?.shape).toEqual(input.shape);
    for (let seed = 0; seed < DIRECTIONS; seed++) {
      const direction = randomArray(input.shape, 5678 + seed);
      const shifted = (step: number): number =>
        loss(...inputs.map((array, other) => (other === index ? moved(array, direction, step) : array)));
      const expected = (shifted(STEP) - shifted(-STEP)) / (2 * STEP);
      const values = gradient?.values ?? [];
      const error = Math.abs(dot(values, direction.values) - expected);
      expect(error).toBeLessThanOrEqual(TOLERANCE * (1 + norm(values) * norm(direction.values)));
    }
  }
}

/** Expects output and gradients to be right, and no tensor to be left behind. */
export function expectOperation(operation: Operation): void {
  const before = tf.memory().numTensors;

  expectForward(operation);
  expectGradients(operation);

  expect(tf.memory().numTensors).toBe(before);
}

export function toTensor({ shape, values }: Array64): tf.Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

function moved(array: Array64, direction: Array64, step: number): Array64 {
  return arrayOf(array.shape, (index) => (array.values[index] ?? 0) + step * (direction.values[index] ?? 0));
}

function dot(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < first.length; index++) total += (first[index] ?? 0) * (second[index] ?? 0);
  return total;
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values));
}

function distance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length) return Number.POSITIVE_INFINITY;
  return norm(Array.from(first, (value, index) => value - (second[index] ?? 0)));
}

/** The tensor as one of four dimensions, for operations that are declared for nothing else. */
export function rank4(tensor: tf.Tensor): tf.Tensor4D {
  if (!isRank4(tensor)) throw new Error(`shape [${tensor.shape.join(", ")}] has not 4 dimensions`);
  return tensor;
}

function isRank4(tensor: tf.Tensor): tensor is tf.Tensor4D {
  return tensor.rank === 4;
}
