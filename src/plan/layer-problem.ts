import type { Layer } from "../spec/schema/layer.ts";
import type { Shape } from "./plan.ts";
import { elementCount, formatCount, formatShape, type ImageShape, type LayerFacts } from "./shape.ts";
import { coverage, hasKernel, type WindowedLayer, windowOf } from "./window.ts";

/** Why a layer can't take its input. */
export interface LayerProblem {
  readonly code: "shape-mismatch" | "layer-too-large";
  /** Completes "layer 3 (conv2d_2): ". */
  readonly message: string;
  readonly fix: string;
  /** The facts once it is mended, where that is clear: what comes after can still be checked. */
  readonly factsOnceFixed?: LayerFacts;
}

/** Tensors have at most this many numbers (their sizes are signed 32-bit integers). */
export const maxTensorSize = 2 ** 31 - 1;

/** Larger images than this (pixels of a side) are no remedy that anybody would take. */
const largestUsualImage = 4096;

/**
 * A kernel or pool larger than its input, without padding.
 * @param smallest the smallest image, [height, width], on which this layer and those before it fit
 */
export function doesNotFit(layer: WindowedLayer, input: ImageShape, smallest: Shape): LayerProblem {
  const window = windowOf(layer);
  const what = hasKernel(layer) ? "kernel" : "window";
  const [size, covered] = [formatShape(window.size), formatShape(coverage(window))];
  const isDilated = size !== covered;
  const extent = isDilated ? `${size} with dilation ${formatShape(window.dilation)} (covers ${covered})` : size;
  const remedies = [
    "`padding: same`",
    hasKernel(layer) ? `a kernel of at most ${formatShape(input.slice(0, 2))}` : "fewer pools (fewer blocks)",
  ];
  if (Math.max(...smallest) <= largestUsualImage) remedies.push(`images of at least ${formatShape(smallest)}`);
  return {
    code: "shape-mismatch",
    message: `its ${what} ${extent} does not fit its input ${formatShape(input)} with padding "valid": no output would be left`,
    fix: `use ${remedies.join(", or ")}`,
  };
}

/** A layer for images, as a convolution or pool, after the image has been flattened. */
export function needsImage(layer: Layer, input: Shape): LayerProblem {
  return {
    code: "shape-mismatch",
    message: `its input is a row of ${formatShape(input)} numbers, but ${layer.type} needs an image (height×width×channels)`,
    fix: "move it before the layer that flattens, or remove it",
  };
}

/** A dense layer on an image: Keras would apply it to the channels of each pixel, which is hardly ever meant. */
export function needsFlatten(input: ImageShape, factsOnceFixed: LayerFacts): LayerProblem {
  return {
    code: "shape-mismatch",
    message: `its input is an image of ${formatShape(input)}, but dense needs a row of numbers`,
    fix: "put `- flatten` before it",
    factsOnceFixed,
  };
}

/** A flatten without anything to flatten. */
export function alreadyFlat(input: Shape, factsOnceFixed: LayerFacts): LayerProblem {
  return {
    code: "shape-mismatch",
    message: `its input is flat already: a row of ${formatShape(input)} numbers`,
    fix: "remove this layer",
    factsOnceFixed,
  };
}

/** More weights or outputs than a tensor can hold. */
export function tooLarge(layer: Layer, { parameterCount, nonTrainableCount, outputShape }: LayerFacts): LayerProblem {
  const weightCount = parameterCount + (nonTrainableCount ?? 0);
  const what =
    weightCount > maxTensorSize
      ? `${formatCount(weightCount)} parameters`
      : `${formatCount(elementCount(outputShape))} numbers in its output ${formatShape(outputShape)}`;
  return {
    code: "layer-too-large",
    message: `it would have ${what}; at most ${formatCount(maxTensorSize)} are possible`,
    fix:
      layer.type === "dense"
        ? "use fewer units or fewer inputs"
        : "use fewer filters, a smaller kernel or smaller images",
  };
}
