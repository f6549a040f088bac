// Matrix product: the inner dimension in blocks whose panels stay in the cache, then panel by panel, tile by tile.

import { FLOAT_BYTES, floatAt, roundUp } from "./layout";
import { EDGE_BYTES, TILE_COLUMNS, TILE_ROWS, multiplyTile } from "./micro-kernel";
import { PACKED_STEP, fillPackedOffsets, packColumnTile, packPanels } from "./packing";

/** Length of the sums computed at once: a panel of it is 16 KiB, half of a small first-level cache. */
const DEPTH_BLOCK: i32 = 512;

/** Rows of A that pass all panels before the next rows: 256 KiB of a block of A. */
const ROW_BLOCK: i32 = 128;

/**
 * Bytes of scratch that `matMul` needs.
 * @param rows rows of the product
 * @param columns columns of the product
 * @param depth inner dimension
 */
export function matMulScratchBytes(rows: i32, columns: i32, depth: i32): usize {
  return EDGE_BYTES + tileBytes(depth) + rowOffsetsBytes(rows) + panelBytes(depth) * <usize>panelCount(columns);
}

/**
 * Computes one matrix product, op(A)·op(B); op transposes or not. Sums run in blocks of 512 in a fixed order.
 * @param a shape [rows, depth], or [depth, rows] if `transposeA`
 * @param b shape [depth, columns], or [columns, depth] if `transposeB`
 * @param product shape [rows, columns], overwritten
 * @param rows rows of the product, at least 1
 * @param columns columns of the product
 * @param depth inner dimension; 0 gives zeros
 * @param transposeA 0 or 1
 * @param transposeB 0 or 1
 * @param scratch `matMulScratchBytes` bytes, aligned to 16
 */
export function matMul(
  a: usize,
  b: usize,
  product: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  transposeA: i32,
  transposeB: i32,
  scratch: usize,
): void {
  if (depth == 0) memory.fill(product, 0, <usize>rows * <usize>columns * FLOAT_BYTES);
  const edge = scratch;
  const tile = edge + EDGE_BYTES;
  const rowOffsets = tile + tileBytes(depth);
  const panels = rowOffsets + rowOffsetsBytes(rows);
  const rowFloatsB = transposeB ? depth : columns;
  if (transposeA) fillPackedOffsets(rowOffsets);
  else fillRowOffsets(rowOffsets, rows, (<usize>depth) * FLOAT_BYTES);
  for (let first = 0; first < depth; first += DEPTH_BLOCK) {
    const length = min(DEPTH_BLOCK, depth - first);
    const accumulate: i32 = first > 0 ? 1 : 0;
    const blockB = floatAt(b, transposeB ? first : first * columns);
    packPanels(blockB, rowFloatsB, length, columns, transposeB, panels, panelBytes(length));
    if (transposeA) {
      const blockA = floatAt(a, first * rows);
      multiplyTransposed(blockA, rowOffsets, rows, length, panels, product, columns, accumulate, tile, edge);
    } else {
      multiplyRows(floatAt(a, first), rowOffsets, rows, length, panels, product, columns, accumulate, edge);
    }
  }
}

/** Product (+)= A·panels for one block of the inner dimension; A [rows, …] is read where it lies. */
function multiplyRows(
  a: usize,
  rowOffsets: usize,
  rows: i32,
  length: i32,
  panels: usize,
  product: usize,
  columns: i32,
  accumulate: i32,
  edge: usize,
): void {
  const stride = (<usize>columns) * FLOAT_BYTES;
  for (let block = 0; block < rows; block += ROW_BLOCK) {
    const end = min(rows, block + ROW_BLOCK);
    let panel = panels;
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const width = min(TILE_COLUMNS, columns - column);
      for (let row = block; row < end; row += TILE_ROWS) {
        const offsets = floatAt(rowOffsets, row);
        const target = floatAt(product + <usize>row * stride, column);
        const height = min(TILE_ROWS, end - row);
        multiplyTile(a, offsets, FLOAT_BYTES, 1, length, 0, panel, target, stride, height, width, accumulate, edge);
      }
      panel += panelBytes(length);
    }
  }
}

/** Product (+)= Aᵀ·panels for one block of the inner dimension; A is [length, rows]. */
function multiplyTransposed(
  a: usize,
  packedOffsets: usize,
  rows: i32,
  length: i32,
  panels: usize,
  product: usize,
  columns: i32,
  accumulate: i32,
  tile: usize,
  edge: usize,
): void {
  const stride = (<usize>columns) * FLOAT_BYTES;
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - row);
    packColumnTile(floatAt(a, row), rows, length, height, tile);
    let panel = panels;
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const width = min(TILE_COLUMNS, columns - column);
      const target = floatAt(product + <usize>row * stride, column);
      multiplyTile(tile, packedOffsets, PACKED_STEP, 1, length, 0, panel, target, stride, height, width, accumulate, edge);
      panel += panelBytes(length);
    }
  }
}

/** Byte offsets of equally spaced rows; the last one is repeated to fill a tile. */
function fillRowOffsets(rowOffsets: usize, rows: i32, stride: usize): void {
  const end = roundUp(rows, TILE_ROWS);
  for (let row = 0; row < end; row++) store<u32>(floatAt(rowOffsets, row), <u32>(<usize>min(row, rows - 1) * stride));
}

/** Panels that `columns` columns fill. */
@inline
function panelCount(columns: i32): i32 {
  return roundUp(columns, TILE_COLUMNS) / TILE_COLUMNS;
}

/** Bytes of one panel for `depth` rows of B, of which one block is packed at a time. */
@inline
function panelBytes(depth: i32): usize {
  return (<usize>(min(depth, DEPTH_BLOCK) * TILE_COLUMNS)) * FLOAT_BYTES;
}

@inline
function tileBytes(depth: i32): usize {
  return (<usize>min(depth, DEPTH_BLOCK)) * PACKED_STEP;
}

@inline
function rowOffsetsBytes(rows: i32): usize {
  return (<usize>roundUp(rows, TILE_ROWS)) * FLOAT_BYTES;
}
