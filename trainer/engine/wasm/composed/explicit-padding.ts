import { floatInput, type KernelArguments } from "../kernel-arguments.ts";
import { convolutionGeometry, isDilated, type WindowGeometry } from "../window-geometry.ts";

/** Pixels of padding before and after an axis. */
export type Sides = readonly [before: number, after: number];

/** Padding of both axes of an image. */
export interface ImageSides {
  readonly rows: Sides;
  readonly columns: Sides;
}

/**
 * The arguments of a convolution with padding in numbers instead of `same` where its stride is longer than its window along
 * an axis: the backend's own rule for `same` gives wrong numbers there.
 */
export function withExplicitPadding(parameters: KernelArguments, kind: "full" | "depthwise"): KernelArguments {
  const { inputs, attrs } = parameters;
  if (attrs["pad"] !== "same" || isDilated(attrs)) return parameters;
  const geometry = convolutionGeometry(floatInput(inputs, "x").shape, floatInput(inputs, "filter").shape, attrs, kind);
  const { strideHeight, strideWidth, windowHeight, windowWidth } = geometry;
  if (strideHeight <= windowHeight && strideWidth <= windowWidth) return parameters;
  return { inputs, attrs: { ...attrs, pad: explicitPadding(explicitSides(geometry)) } };
}

/** As much padding as the windows reach beyond the image. */
export function explicitSides(geometry: WindowGeometry): ImageSides {
  const { inHeight, inWidth, outHeight, outWidth, windowHeight, windowWidth, strideHeight, strideWidth } = geometry;
  const { padTop, padLeft } = geometry;
  const bottom = (outHeight - 1) * strideHeight + windowHeight - inHeight - padTop;
  const right = (outWidth - 1) * strideWidth + windowWidth - inWidth - padLeft;
  return { rows: [padTop, Math.max(0, bottom)], columns: [padLeft, Math.max(0, right)] };
}

/** Padding as a kernel's attribute. */
export function explicitPadding({ rows, columns }: ImageSides): number[][] {
  return [[0, 0], [...rows], [...columns], [0, 0]];
}
