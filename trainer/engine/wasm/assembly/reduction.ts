// Sums over rows.

import { FLOAT_BYTES, LANES, floatAt } from "./layout";

/** Rows that are summed before their sum is added to the total: keeps rounding errors of long sums small. */
const ROW_BLOCK: i32 = 128;

/**
 * Sums a matrix over its rows: the gradient of a bias.
 * @param matrix shape [rows, columns]
 * @param rows number of rows
 * @param columns number of columns
 * @param sums shape [columns], overwritten
 */
export function sumRows(matrix: usize, rows: i32, columns: i32, sums: usize): void {
  const rowBytes = (<usize>columns) * FLOAT_BYTES;
  memory.fill(sums, 0, rowBytes);
  for (let first = 0; first < rows; first += ROW_BLOCK) {
    const count = min(ROW_BLOCK, rows - first);
    const block = matrix + <usize>first * rowBytes;
    let column = 0;
    for (; column + LANES <= columns; column += LANES) {
      const target = floatAt(sums, column);
      v128.store(target, f32x4.add(v128.load(target), sumOfVectors(floatAt(block, column), count, rowBytes)));
    }
    for (; column < columns; column++) {
      const target = floatAt(sums, column);
      store<f32>(target, load<f32>(target) + sumOfFloats(floatAt(block, column), count, rowBytes));
    }
  }
}

/** Sum of `count` vectors, in two interleaved chains because an addition takes several cycles. */
@inline
function sumOfVectors(address: usize, count: i32, stride: usize): v128 {
  let even = f32x4.splat(0), odd = f32x4.splat(0);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    even = f32x4.add(even, v128.load(address));
    odd = f32x4.add(odd, v128.load(address + stride));
    address += 2 * stride;
  }
  if (i < count) even = f32x4.add(even, v128.load(address));
  return f32x4.add(even, odd);
}

@inline
function sumOfFloats(address: usize, count: i32, stride: usize): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < count; i++) {
    sum += load<f32>(address);
    address += stride;
  }
  return sum;
}

/**
 * Sums the rows of a matrix that belong to the same segment: the gradient of a gather.
 * @param matrix shape [rows, columns]
 * @param segments int32, shape [rows]; rows with an id outside 0..segmentCount-1 are left out
 * @param rows number of rows
 * @param columns number of columns
 * @param segmentCount number of segments
 * @param sums shape [segmentCount, columns], overwritten
 */
export function sumSegments(
  matrix: usize,
  segments: usize,
  rows: i32,
  columns: i32,
  segmentCount: i32,
  sums: usize,
): void {
  memory.fill(sums, 0, (<usize>(segmentCount * columns)) * FLOAT_BYTES);
  for (let row = 0; row < rows; row++) {
    const segment = load<i32>(floatAt(segments, row));
    if (segment >= 0 && segment < segmentCount) {
      addRow(floatAt(matrix, row * columns), floatAt(sums, segment * columns), columns);
    }
  }
}

/** target[i] += source[i]. */
@inline
function addRow(source: usize, target: usize, count: i32): void {
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    v128.store(floatAt(target, i), f32x4.add(v128.load(floatAt(target, i)), v128.load(floatAt(source, i))));
  }
  for (; i < count; i++) {
    store<f32>(floatAt(target, i), load<f32>(floatAt(target, i)) + load<f32>(floatAt(source, i)));
  }
}
