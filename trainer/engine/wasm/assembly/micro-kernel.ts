// The innermost loops: one tile of 4 rows by 8 columns of a matrix product, held in eight SIMD registers. Without
// unrolling, because then V8 keeps all operands in its 15 free registers; larger tiles and unrolled loops spill (measured
// on Node 20, 22 and 24: 4×8 gives 21–24 billion multiply-adds a second, 5×8 or 6×8 unrolled four times 16).

import { FLOAT_BYTES, floatAt } from "./layout";
import { multiplyAdd } from "./multiply-add";

/** Rows of the product that one tile computes. */
export const TILE_ROWS: i32 = 4;

/** Columns of the product that one tile computes. */
export const TILE_COLUMNS: i32 = 8;

/** Bytes of scratch (`edge`) that a tile needs when it hangs over the border of the product. */
export const EDGE_BYTES: usize = 128;

const TILE_ROW_BYTES: usize = 32;

/**
 * One tile of A·B: product[i, j] (+)= Σ over segments and k of A[i, segment, k] · panel[segment·segmentLength + k, j].
 * The four rows of A may lie anywhere and in any layout: A[i, segment, k] is the float at
 * base + rowOffsets[i] + segment·segmentStride + k·step. So one kernel serves rows read in place (step 4; a convolution
 * has one segment for each row of its window) and packed transposed tiles (offsets 0, 4, 8, 12 and step 16).
 * @param base address that the row offsets count from
 * @param rowOffsets address of 4 uint32: byte offset of each row (repeat one if fewer than 4 are wanted)
 * @param step bytes from one factor of a row to the next within a segment
 * @param segmentCount segments of each row
 * @param segmentLength factors in a segment
 * @param segmentStride bytes from the start of one segment to the next
 * @param panel B, packed: shape [segmentCount·segmentLength, 8]
 * @param product address of the tile's first element
 * @param productStride bytes from one row of the product to the next
 * @param rows rows to write, 1..4
 * @param columns columns to write, 1..8
 * @param accumulate 1 adds to what is there, 0 overwrites
 * @param edge scratch of EDGE_BYTES
 */
export function multiplyTile(
  base: usize,
  rowOffsets: usize,
  step: usize,
  segmentCount: i32,
  segmentLength: i32,
  segmentStride: usize,
  panel: usize,
  product: usize,
  productStride: usize,
  rows: i32,
  columns: i32,
  accumulate: i32,
  edge: usize,
): void {
  let segment0 = base + <usize>load<u32>(rowOffsets);
  let segment1 = base + <usize>load<u32>(rowOffsets, 4);
  let segment2 = base + <usize>load<u32>(rowOffsets, 8);
  let segment3 = base + <usize>load<u32>(rowOffsets, 12);
  let sum0 = f32x4.splat(0), sum0Right = f32x4.splat(0);
  let sum1 = f32x4.splat(0), sum1Right = f32x4.splat(0);
  let sum2 = f32x4.splat(0), sum2Right = f32x4.splat(0);
  let sum3 = f32x4.splat(0), sum3Right = f32x4.splat(0);
  for (let segment = 0; segment < segmentCount; segment++) {
    let a0 = segment0, a1 = segment1, a2 = segment2, a3 = segment3;
    for (let k = segmentLength; k > 0; k--) {
      const left = v128.load(panel), right = v128.load(panel, 16);
      let factor = v128.load32_splat(a0);
      sum0 = multiplyAdd(factor, left, sum0);
      sum0Right = multiplyAdd(factor, right, sum0Right);
      factor = v128.load32_splat(a1);
      sum1 = multiplyAdd(factor, left, sum1);
      sum1Right = multiplyAdd(factor, right, sum1Right);
      factor = v128.load32_splat(a2);
      sum2 = multiplyAdd(factor, left, sum2);
      sum2Right = multiplyAdd(factor, right, sum2Right);
      factor = v128.load32_splat(a3);
      sum3 = multiplyAdd(factor, left, sum3);
      sum3Right = multiplyAdd(factor, right, sum3Right);
      a0 += step;
      a1 += step;
      a2 += step;
      a3 += step;
      panel += TILE_ROW_BYTES;
    }
    segment0 += segmentStride;
    segment1 += segmentStride;
    segment2 += segmentStride;
    segment3 += segmentStride;
  }
  const isWhole = rows == TILE_ROWS && columns == TILE_COLUMNS;
  const target = isWhole ? product : edge;
  const stride = isWhole ? productStride : TILE_ROW_BYTES;
  const adds = isWhole ? accumulate : 0;
  storeRow(target, sum0, sum0Right, adds);
  storeRow(target + stride, sum1, sum1Right, adds);
  storeRow(target + 2 * stride, sum2, sum2Right, adds);
  storeRow(target + 3 * stride, sum3, sum3Right, adds);
  if (!isWhole) copyEdge(edge, product, productStride, rows, columns, accumulate);
}

/** Writes (or adds) eight floats at `target`. */
@inline
function storeRow(target: usize, left: v128, right: v128, accumulate: i32): void {
  if (accumulate) {
    left = f32x4.add(v128.load(target), left);
    right = f32x4.add(v128.load(target, 16), right);
  }
  v128.store(target, left);
  v128.store(target, right, 16);
}

/** Copies (or adds) the wanted corner of a whole tile in `edge` to the product. */
function copyEdge(
  edge: usize,
  product: usize,
  productStride: usize,
  rows: i32,
  columns: i32,
  accumulate: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const target = floatAt(product + <usize>row * productStride, column);
      const value = load<f32>(floatAt(edge + <usize>row * TILE_ROW_BYTES, column));
      store<f32>(target, accumulate ? load<f32>(target) + value : value);
    }
  }
}
