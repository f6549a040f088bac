// 2-D convolution and its gradients as matrix products over bands of the input, without an im2col matrix: the rows of
// the left factor are the windows themselves, read in place.

import {
  bandBytes,
  bandImages,
  bandRows,
  fillBand,
  fillPixelOffsets,
  paddedRowFloats,
  pixelOffsetsBytes,
} from "./band";
import { FLOAT_BYTES, WindowGeometry, floatAt, roundUp } from "./layout";
import { EDGE_BYTES, TILE_COLUMNS, TILE_ROWS, multiplyTile } from "./micro-kernel";
import { PACKED_STEP, fillPackedOffsets, packPanels } from "./packing";

/** Bytes that `packFilter` and `packFlippedFilter` write. */
export function packedFilterBytes(geometry: WindowGeometry): usize {
  return panelBytes(windowFloats(geometry)) * <usize>(roundUp(geometry.outChannels, TILE_COLUMNS) / TILE_COLUMNS);
}

/**
 * Packs a filter for `convolve`.
 * @param geometry the convolution
 * @param filter shape [windowHeight, windowWidth, inChannels, outChannels]
 * @param packed `packedFilterBytes` bytes
 */
export function packFilter(geometry: WindowGeometry, filter: usize, packed: usize): void {
  const depth = windowFloats(geometry);
  packPanels(filter, geometry.outChannels, depth, geometry.outChannels, 0, packed, panelBytes(depth));
}

/**
 * Packs a filter turned by 180° with its channels swapped: the convolution with it carries a gradient back to the input.
 * @param geometry that backward convolution: its inChannels are the filter's output channels and the other way round
 * @param filter shape [windowHeight, windowWidth, outChannels, inChannels] in the terms of `geometry`
 * @param packed `packedFilterBytes` bytes
 */
export function packFlippedFilter(geometry: WindowGeometry, filter: usize, packed: usize): void {
  const inChannels = geometry.inChannels;
  const panelStride = panelBytes(windowFloats(geometry));
  const taps = geometry.windowHeight * geometry.windowWidth;
  for (let tap = 0; tap < taps; tap++) {
    const source = floatAt(filter, (taps - 1 - tap) * inChannels * geometry.outChannels);
    const target = floatAt(packed, tap * inChannels * TILE_COLUMNS);
    packPanels(source, inChannels, inChannels, geometry.outChannels, 1, target, panelStride);
  }
}

/** Bytes of scratch that `convolve` needs. */
export function convolveScratchBytes(geometry: WindowGeometry): usize {
  return EDGE_BYTES + pixelOffsetsBytes(geometry) + bandBytes(geometry);
}

/**
 * Convolves images with a packed filter.
 * @param geometry the convolution
 * @param input shape [batchSize, inHeight, inWidth, inChannels]
 * @param packedFilter what `packFilter` or `packFlippedFilter` wrote
 * @param output shape [batchSize, outHeight, outWidth, outChannels], overwritten
 * @param scratch `convolveScratchBytes` bytes, aligned to 16
 */
export function convolve(
  geometry: WindowGeometry,
  input: usize,
  packedFilter: usize,
  output: usize,
  scratch: usize,
): void {
  const edge = scratch;
  const pixelOffsets = edge + EDGE_BYTES;
  const band = pixelOffsets + pixelOffsetsBytes(geometry);
  const rowsPerBand = bandRows(geometry);
  const imagesPerBand = bandImages(geometry, rowsPerBand);
  for (let image = 0; image < geometry.batchSize; image += imagesPerBand) {
    const images = min(imagesPerBand, geometry.batchSize - image);
    for (let row = 0; row < geometry.outHeight; row += rowsPerBand) {
      const rows = min(rowsPerBand, geometry.outHeight - row);
      fillBand(geometry, input, image, images, row, rows, band);
      const pixels = fillPixelOffsets(geometry, images, rows, pixelOffsets);
      const target = pixelOf(geometry, output, image, row);
      convolveBand(geometry, band, pixelOffsets, pixels, packedFilter, target, edge);
    }
  }
}

/** Output of one band: panel by panel (8 output channels), tile by tile (4 pixels). */
function convolveBand(
  geometry: WindowGeometry,
  band: usize,
  pixelOffsets: usize,
  pixels: i32,
  packedFilter: usize,
  output: usize,
  edge: usize,
): void {
  const channels = geometry.outChannels;
  const stride = (<usize>channels) * FLOAT_BYTES;
  const runs = geometry.windowHeight;
  const runFloats = geometry.windowWidth * geometry.inChannels;
  const runStride = (<usize>paddedRowFloats(geometry)) * FLOAT_BYTES;
  let panel = packedFilter;
  for (let channel = 0; channel < channels; channel += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, channels - channel);
    for (let pixel = 0; pixel < pixels; pixel += TILE_ROWS) {
      const offsets = floatAt(pixelOffsets, pixel);
      const target = floatAt(output + <usize>pixel * stride, channel);
      const height = min(TILE_ROWS, pixels - pixel);
      multiplyTile(band, offsets, FLOAT_BYTES, runs, runFloats, runStride, panel, target, stride, height, width, 0, edge);
    }
    panel += panelBytes(runs * runFloats);
  }
}

/** Bytes of scratch that `convolveFilterGradient` needs. */
export function filterGradientScratchBytes(geometry: WindowGeometry): usize {
  const pixels = pixelOffsetsBytes(geometry) / FLOAT_BYTES;
  const panels = roundUp(geometry.outChannels, TILE_COLUMNS) / TILE_COLUMNS;
  return (
    EDGE_BYTES + PACKED_STEP + pixels * PACKED_STEP + panelBytes(<i32>pixels) * <usize>panels +
    pixelOffsetsBytes(geometry) + bandBytes(geometry)
  );
}

/**
 * Gradient of a convolution with respect to its filter: Σ over pixels of window ⊗ output gradient, band after band in
 * a fixed order.
 * @param geometry the (forward) convolution
 * @param input shape [batchSize, inHeight, inWidth, inChannels]
 * @param outputGradient shape [batchSize, outHeight, outWidth, outChannels]
 * @param filterGradient shape [windowHeight, windowWidth, inChannels, outChannels], overwritten
 * @param scratch `filterGradientScratchBytes` bytes, aligned to 16
 */
export function convolveFilterGradient(
  geometry: WindowGeometry,
  input: usize,
  outputGradient: usize,
  filterGradient: usize,
  scratch: usize,
): void {
  const maxPixels = pixelOffsetsBytes(geometry) / FLOAT_BYTES;
  const edge = scratch;
  const packedOffsets = edge + EDGE_BYTES;
  const tile = packedOffsets + PACKED_STEP;
  const pixelOffsets = tile + maxPixels * PACKED_STEP;
  const band = pixelOffsets + pixelOffsetsBytes(geometry);
  const panels = band + bandBytes(geometry);
  const channels = geometry.outChannels;
  const rowsPerBand = bandRows(geometry);
  const imagesPerBand = bandImages(geometry, rowsPerBand);
  fillPackedOffsets(packedOffsets);
  for (let image = 0; image < geometry.batchSize; image += imagesPerBand) {
    const images = min(imagesPerBand, geometry.batchSize - image);
    for (let row = 0; row < geometry.outHeight; row += rowsPerBand) {
      const rows = min(rowsPerBand, geometry.outHeight - row);
      fillBand(geometry, input, image, images, row, rows, band);
      const pixels = fillPixelOffsets(geometry, images, rows, pixelOffsets);
      const gradient = pixelOf(geometry, outputGradient, image, row);
      packPanels(gradient, channels, pixels, channels, 0, panels, panelBytes(pixels));
      const accumulate: i32 = image > 0 || row > 0 ? 1 : 0;
      addBand(geometry, band, pixelOffsets, pixels, panels, filterGradient, accumulate, packedOffsets, tile, edge);
    }
  }
}

/** The share of one band in the filter gradient: four window positions at a time, then panel by panel. */
function addBand(
  geometry: WindowGeometry,
  band: usize,
  pixelOffsets: usize,
  pixels: i32,
  panels: usize,
  filterGradient: usize,
  accumulate: i32,
  packedOffsets: usize,
  tile: usize,
  edge: usize,
): void {
  const channels = geometry.outChannels;
  const stride = (<usize>channels) * FLOAT_BYTES;
  const runFloats = geometry.windowWidth * geometry.inChannels;
  for (let run = 0; run < geometry.windowHeight; run++) {
    const runStart = floatAt(band, run * paddedRowFloats(geometry));
    for (let position = 0; position < runFloats; position += TILE_ROWS) {
      const height = min(TILE_ROWS, runFloats - position);
      packWindowTile(floatAt(runStart, position), pixelOffsets, pixels, tile);
      let panel = panels;
      for (let channel = 0; channel < channels; channel += TILE_COLUMNS) {
        const width = min(TILE_COLUMNS, channels - channel);
        const target = floatAt(filterGradient + <usize>(run * runFloats + position) * stride, channel);
        multiplyTile(tile, packedOffsets, PACKED_STEP, 1, pixels, 0, panel, target, stride, height, width, accumulate, edge);
        panel += panelBytes(pixels);
      }
    }
  }
}

/** Four neighbouring floats of every pixel's window, shape [pixels, 4]; those past the run's end are never used. */
function packWindowTile(source: usize, pixelOffsets: usize, pixels: i32, tile: usize): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    v128.store(tile, v128.load(source + <usize>load<u32>(pixelOffsets)));
    tile += PACKED_STEP;
    pixelOffsets += FLOAT_BYTES;
  }
}

/** Address of the first output pixel of a row of an image. */
@inline
function pixelOf(geometry: WindowGeometry, images: usize, image: i32, row: i32): usize {
  return floatAt(images, (image * geometry.outHeight + row) * geometry.outWidth * geometry.outChannels);
}

/** Floats of one window. */
@inline
function windowFloats(geometry: WindowGeometry): i32 {
  return geometry.windowHeight * geometry.windowWidth * geometry.inChannels;
}

/** Bytes of one packed panel [depth, 8]. */
@inline
function panelBytes(depth: i32): usize {
  return (<usize>(depth * TILE_COLUMNS)) * FLOAT_BYTES;
}
