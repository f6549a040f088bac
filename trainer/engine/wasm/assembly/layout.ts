// Layouts that the kernels share. All numbers are float32 unless said otherwise, all matrices row-major, all images
// NHWC. Addresses and strides are in bytes, everything else counts elements.

/** Bytes of one float32 (and of one int32). */
export const FLOAT_BYTES: usize = 4;

/** Floats of one SIMD vector. */
export const LANES: i32 = 4;

/**
 * A window that slides over images: the geometry of convolution, depthwise convolution and pooling.
 * Written by `window-geometry.ts` as 15 int32 in this order; both sides must agree.
 */
@unmanaged
export class WindowGeometry {
  batchSize: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  windowHeight: i32;
  windowWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  /** Rows of padding above the image; negative crops. */
  padTop: i32;
  /** Columns of padding left of the image; negative crops. */
  padLeft: i32;
  /** Distance of two input rows after zeros were put between them; 1 = none. */
  inSpacingHeight: i32;
  /** Distance of two input columns after zeros were put between them; 1 = none. */
  inSpacingWidth: i32;
}

/** Address of the float number `index` after `base`. */
@inline
export function floatAt(base: usize, index: i32): usize {
  return base + (<usize>index) * FLOAT_BYTES;
}

/** The smallest multiple of `step` (a power of two) that is not below `value`. */
@inline
export function roundUp(value: i32, step: i32): i32 {
  return (value + step - 1) & ~(step - 1);
}

/** Quotient rounded up; both arguments positive. */
@inline
export function ceilingOf(dividend: i32, divisor: i32): i32 {
  return (dividend + divisor - 1) / divisor;
}
