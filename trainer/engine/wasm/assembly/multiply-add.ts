// The one operation that makes the two builds of the kernels differ.

/**
 * factor · value + sum in each lane. With relaxed SIMD one instruction where the processor has one for it, which rounds
 * once; else two that round one after the other, the same everywhere.
 */
@inline
export function multiplyAdd(factor: v128, value: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(factor, value, sum);
  return f32x4.add(sum, f32x4.mul(factor, value));
}
