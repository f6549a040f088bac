import type { Layer } from "../spec/schema/layer.ts";
import type { ImageShape } from "./shape.ts";

/** Two numbers: along the height and along the width. */
export type Pair = readonly [vertical: number, horizontal: number];

/** A layer that slides a window over an image. */
export type WindowedLayer = Extract<Layer, { type: KernelType | "maxPooling2d" | "averagePooling2d" }>;

type KernelType = "conv2d" | "separableConv2d" | "depthwiseConv2d";

/** What slides over an image: a convolution's kernel or a pool. */
export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: "valid" | "same";
}

/** Whether a layer slides a window over an image. */
export function isWindowed(layer: Layer): layer is WindowedLayer {
  return hasKernel(layer) || layer.type === "maxPooling2d" || layer.type === "averagePooling2d";
}

/** Whether a layer slides a kernel, not a pool. */
export function hasKernel(layer: Layer): layer is Extract<Layer, { type: KernelType }> {
  return layer.type === "conv2d" || layer.type === "separableConv2d" || layer.type === "depthwiseConv2d";
}

/** The window of a layer; a pool's strides are its size unless given. */
export function windowOf(layer: WindowedLayer): Window {
  const { padding } = layer;
  if (!hasKernel(layer))
    return { size: layer.poolSize, strides: layer.strides ?? layer.poolSize, dilation: [1, 1], padding };
  const dilation = layer.type === "conv2d" ? layer.dilationRate : ([1, 1] as const);
  return { size: layer.kernelSize, strides: layer.strides, dilation, padding };
}

/** Input positions under the window, [height, width]; the holes of a dilation count. */
export function coverage({ size, dilation }: Window): Pair {
  return [(size[0] - 1) * dilation[0] + 1, (size[1] - 1) * dilation[1] + 1];
}

/**
 * Positions that the window takes on an image: the height and width of the output.
 * @returns `undefined` if it doesn't fit even once
 * @see keras compute_conv_output_shape (same rounding)
 */
export function slide(window: Window, input: ImageShape): Pair | undefined {
  const covered = coverage(window);
  const along = (axis: 0 | 1) =>
    window.padding === "same"
      ? Math.ceil(input[axis] / window.strides[axis])
      : Math.floor((input[axis] - covered[axis]) / window.strides[axis]) + 1;
  const output: Pair = [along(0), along(1)];
  return output[0] >= 1 && output[1] >= 1 ? output : undefined;
}

/** The smallest image, [height, width], on which windows that follow one another all fit. */
export function smallestInput(windows: readonly Window[]): Pair {
  return windows.reduceRight<Pair>(
    (needed, window) => {
      const covered = window.padding === "same" ? ([1, 1] as const) : coverage(window);
      const along = (axis: 0 | 1) => (needed[axis] - 1) * window.strides[axis] + covered[axis];
      return [along(0), along(1)];
    },
    [1, 1],
  );
}
