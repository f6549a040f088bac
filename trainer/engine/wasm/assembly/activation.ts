// Element-wise activations and what goes with them.

import { FLOAT_BYTES, LANES, floatAt } from "./layout";

/** Codes of the activations that are applied together with a bias; `fused-output.ts` has the same. */
const LINEAR: i32 = 0;
const RELU6: i32 = 2;

/** Bytes of scratch that `addBiasAndActivate` needs. */
export function biasScratchBytes(columns: i32): usize {
  return (<usize>(columns * LANES)) * FLOAT_BYTES;
}

/**
 * Adds a bias to every row and applies an activation.
 * @param input shape [rows, columns]
 * @param rows number of rows
 * @param columns number of columns
 * @param bias shape [columns]; address 0 = none
 * @param activation 0 linear, 1 relu, 2 relu6
 * @param output shape [rows, columns], overwritten; may be `input`
 * @param scratch `biasScratchBytes` bytes, aligned to 16
 */
export function addBiasAndActivate(
  input: usize,
  rows: i32,
  columns: i32,
  bias: usize,
  activation: i32,
  output: usize,
  scratch: usize,
): void {
  // Four rows of biases are a whole number of vectors, whatever the number of columns: no scalar rest in any row.
  const period = biasScratchBytes(columns);
  for (let offset: usize = 0; offset < period; offset += period / LANES) {
    if (bias) memory.copy(scratch + offset, bias, period / LANES);
    else memory.fill(scratch + offset, 0, period / LANES);
  }
  const lower: f32 = activation == LINEAR ? -Infinity : 0;
  const upper: f32 = activation == RELU6 ? 6 : Infinity;
  const bytes = (<usize>rows) * (<usize>columns) * FLOAT_BYTES;
  let phase: usize = 0;
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) {
    const sum = f32x4.add(v128.load(input + offset), v128.load(scratch + phase));
    v128.store(output + offset, f32x4.pmin(f32x4.pmax(sum, f32x4.splat(lower)), f32x4.splat(upper)));
    phase += 16;
    if (phase == period) phase = 0;
  }
  for (; offset < bytes; offset += FLOAT_BYTES) {
    const sum = load<f32>(input + offset) + load<f32>(scratch + phase);
    store<f32>(output + offset, sum < lower ? lower : sum > upper ? upper : sum);
    phase += FLOAT_BYTES;
  }
}

/**
 * Gradient of relu: the output gradient where the input was positive, else 0.
 * @param input shape [count]; the activation's output serves as well
 * @param outputGradient shape [count]
 * @param count number of elements
 * @param inputGradient shape [count], overwritten
 */
export function reluGradient(input: usize, outputGradient: usize, count: i32, inputGradient: usize): void {
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    const isPositive = f32x4.gt(v128.load(input), f32x4.splat(0));
    v128.store(inputGradient, v128.and(v128.load(outputGradient), isPositive));
    input += 16;
    outputGradient += 16;
    inputGradient += 16;
  }
  for (; i < count; i++) {
    store<f32>(inputGradient, load<f32>(input) > 0 ? load<f32>(outputGradient) : 0);
    input += FLOAT_BYTES;
    outputGradient += FLOAT_BYTES;
    inputGradient += FLOAT_BYTES;
  }
}

/**
 * Hyperbolic tangent, at most a few units in the last place off; NaN stays NaN.
 * @param input shape [count]
 * @param count number of elements
 * @param output shape [count], overwritten
 */
export function tanh(input: usize, count: i32, output: usize): void {
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    v128.store(output, tanhOfVector(v128.load(input)));
    input += 16;
    output += 16;
  }
  for (; i < count; i++) {
    store<f32>(output, f32x4.extract_lane(tanhOfVector(v128.load32_splat(input)), 0));
    input += FLOAT_BYTES;
    output += FLOAT_BYTES;
  }
}

/**
 * x·P(x²)/Q(x²), the rational approximation that Eigen and TensorFlow use; beyond ±7.905 tanh rounds to ±1, and below
 * 0.0004 it is x to the last bit.
 */
@inline
function tanhOfVector(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-7.90531110763549805)), f32x4.splat(7.90531110763549805));
  const square = f32x4.mul(clamped, clamped);
  let numerator = f32x4.splat(-2.76076847742355e-16);
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(2.00018790482477e-13));
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(-8.60467152213735e-11));
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(5.12229709037114e-8));
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(1.48572235717979e-5));
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(6.37261928875436e-4));
  numerator = f32x4.add(f32x4.mul(square, numerator), f32x4.splat(4.89352455891786e-3));
  let denominator = f32x4.splat(1.19825839466702e-6);
  denominator = f32x4.add(f32x4.mul(square, denominator), f32x4.splat(1.18534705686654e-4));
  denominator = f32x4.add(f32x4.mul(square, denominator), f32x4.splat(2.268434632439e-3));
  denominator = f32x4.add(f32x4.mul(square, denominator), f32x4.splat(4.89352518554385e-3));
  const result = f32x4.div(f32x4.mul(clamped, numerator), denominator);
  return v128.bitselect(x, result, f32x4.lt(f32x4.abs(x), f32x4.splat(0.0004)));
}
