// Packing: the operands of a tile, copied into the order in which the micro-kernels read them.

import { FLOAT_BYTES, LANES, floatAt } from "./layout";
import { TILE_COLUMNS, TILE_ROWS } from "./micro-kernel";

/** Bytes from one row of a packed tile [depth, 4] to the next: the `step` of the micro-kernel. */
export const PACKED_STEP: usize = 16;

/** Writes the four row offsets with which the micro-kernel reads a packed tile. */
export function fillPackedOffsets(rowOffsets: usize): void {
  for (let i = 0; i < TILE_ROWS; i++) store<u32>(floatAt(rowOffsets, i), <u32>i * 4);
}

/**
 * Packs the columns of a matrix, eight at a time, into panels of shape [depth, 8], the last one padded with zeros.
 * @param matrix shape [depth, columns], or [columns, depth] if `transposed`
 * @param rowFloats floats from one row of the matrix to the next
 * @param depth length of the sums that the panels take part in
 * @param columns number of columns
 * @param transposed 1 if the matrix lies transposed
 * @param panels where the first panel begins
 * @param panelStride bytes from one panel to the next, at least depth · 32
 */
export function packPanels(
  matrix: usize,
  rowFloats: i32,
  depth: i32,
  columns: i32,
  transposed: i32,
  panels: usize,
  panelStride: usize,
): void {
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, columns - column);
    if (transposed) packTransposedPanel(floatAt(matrix, column * rowFloats), rowFloats, depth, width, panels);
    else packPanel(floatAt(matrix, column), rowFloats, depth, width, panels);
    panels += panelStride;
  }
}

/** One panel from `width` neighbouring columns. */
function packPanel(source: usize, rowFloats: i32, depth: i32, width: i32, panel: usize): void {
  const rowStride = (<usize>rowFloats) * FLOAT_BYTES;
  if (width == TILE_COLUMNS) {
    for (let k = 0; k < depth; k++) {
      v128.store(panel, v128.load(source));
      v128.store(panel, v128.load(source, 16), 16);
      panel += 32;
      source += rowStride;
    }
    return;
  }
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < TILE_COLUMNS; j++) store<f32>(floatAt(panel, j), j < width ? load<f32>(floatAt(source, j)) : 0);
    panel += 32;
    source += rowStride;
  }
}

/** One panel from `width` neighbouring rows of the transposed matrix. */
function packTransposedPanel(source: usize, rowFloats: i32, depth: i32, width: i32, panel: usize): void {
  let j = 0;
  for (; j + LANES <= width; j += LANES) {
    transposeRows(floatAt(source, j * rowFloats), rowFloats, depth, floatAt(panel, j), 32);
  }
  for (; j < TILE_COLUMNS; j++) {
    let from = floatAt(source, j * rowFloats);
    let to = floatAt(panel, j);
    for (let k = 0; k < depth; k++) {
      store<f32>(to, j < width ? load<f32>(from) : 0);
      from += FLOAT_BYTES;
      to += 32;
    }
  }
}

/** Writes four rows of `length` floats as columns: target[k·targetStride + i] = source[i][k]. */
function transposeRows(source: usize, rowFloats: i32, length: i32, target: usize, targetStride: usize): void {
  const rowStride = (<usize>rowFloats) * FLOAT_BYTES;
  let row0 = source, row1 = row0 + rowStride, row2 = row1 + rowStride, row3 = row2 + rowStride;
  let k = 0;
  for (; k + LANES <= length; k += LANES) {
    const x0 = v128.load(row0), x1 = v128.load(row1), x2 = v128.load(row2), x3 = v128.load(row3);
    const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(target + targetStride, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(target + 2 * targetStride, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(target + 3 * targetStride, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    target += 4 * targetStride;
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  for (; k < length; k++) {
    store<f32>(target, load<f32>(row0));
    store<f32>(target, load<f32>(row1), 4);
    store<f32>(target, load<f32>(row2), 8);
    store<f32>(target, load<f32>(row3), 12);
    target += targetStride;
    row0 += FLOAT_BYTES;
    row1 += FLOAT_BYTES;
    row2 += FLOAT_BYTES;
    row3 += FLOAT_BYTES;
  }
}

/**
 * Packs up to four neighbouring columns of a matrix into a tile of shape [depth, 4], padded with zeros.
 * @param source address of the first of the columns in row 0
 * @param rowFloats floats from one row of the matrix to the next
 * @param depth rows of the matrix
 * @param width columns to pack, 1..4
 * @param tile where to
 */
export function packColumnTile(source: usize, rowFloats: i32, depth: i32, width: i32, tile: usize): void {
  const rowStride = (<usize>rowFloats) * FLOAT_BYTES;
  for (let k = 0; k < depth; k++) {
    if (width == TILE_ROWS) v128.store(tile, v128.load(source));
    else for (let i = 0; i < TILE_ROWS; i++) store<f32>(floatAt(tile, i), i < width ? load<f32>(floatAt(source, i)) : 0);
    tile += PACKED_STEP;
    source += rowStride;
  }
}
