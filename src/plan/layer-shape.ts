import type { Layer } from "../spec/schema/layer.ts";
import {
  alreadyFlat,
  doesNotFit,
  type LayerProblem,
  maxTensorSize,
  needsFlatten,
  needsImage,
  tooLarge,
} from "./layer-problem.ts";
import { countWeights } from "./layer-weights.ts";
import type { MergeLayer } from "./merge-shape.ts";
import type { Shape } from "./plan.ts";
import { elementCount, type ImageShape, isImageShape, type LayerFacts } from "./shape.ts";
import { slide, smallestInput, type Window, type WindowedLayer, windowOf } from "./window.ts";

/** A layer with one input. */
export type PlainLayer = Exclude<Layer, MergeLayer>;

/**
 * Output shape, parameters and multiply-adds of a layer, by Keras' arithmetic.
 * @param input shape without the batch axis: [height, width, channels] or [features]
 * @param windowsBefore gives kernels and pools of the layers before, from the network's input on: what an image must fit
 * @returns the facts, or why the layer can't take this input
 */
export function inferLayer(
  layer: PlainLayer,
  input: Shape,
  windowsBefore: () => readonly Window[],
): LayerFacts | LayerProblem {
  const facts = inferUnlimited(layer, input, windowsBefore);
  if ("message" in facts) return facts;
  const weightCount = facts.parameterCount + (facts.nonTrainableCount ?? 0);
  const largest = Math.max(weightCount, elementCount(facts.outputShape));
  return largest > maxTensorSize ? tooLarge(layer, facts) : facts;
}

function inferUnlimited(
  layer: PlainLayer,
  input: Shape,
  windowsBefore: () => readonly Window[],
): LayerFacts | LayerProblem {
  switch (layer.type) {
    case "conv2d":
    case "separableConv2d":
    case "depthwiseConv2d":
    case "maxPooling2d":
    case "averagePooling2d":
      return isImageShape(input) ? inferWindowed(layer, input, windowsBefore) : needsImage(layer, input);
    case "globalMaxPooling2d":
    case "globalAveragePooling2d":
      return isImageShape(input) ? weightless([input[2]]) : needsImage(layer, input);
    case "zeroPadding2d":
      return isImageShape(input) ? weightless(padded(input, layer.padding)) : needsImage(layer, input);
    case "spatialDropout2d":
      return isImageShape(input) ? weightless(input) : needsImage(layer, input);
    case "flatten": {
      const flat = weightless([elementCount(input)]);
      return isImageShape(input) ? flat : alreadyFlat(input, flat);
    }
    case "dense": {
      const features = elementCount(input);
      const facts = withWeights(layer, [features], {
        outputShape: [layer.units],
        multiplyAdds: features * layer.units,
      });
      return isImageShape(input) ? needsFlatten(input, facts) : facts;
    }
    case "batchNormalization":
    case "layerNormalization":
      return withWeights(layer, input, { outputShape: input, multiplyAdds: elementCount(input) });
    case "dropout":
    case "gaussianNoise":
    case "activation":
      return weightless(input);
    default:
      return layer satisfies never;
  }
}

function inferWindowed(
  layer: WindowedLayer,
  input: ImageShape,
  windowsBefore: () => readonly Window[],
): LayerFacts | LayerProblem {
  const window = windowOf(layer);
  const output = slide(window, input);
  if (!output) return doesNotFit(layer, input, smallestInput([...windowsBefore(), window]));
  const pixels = output[0] * output[1];
  const windowSize = elementCount(window.size);
  switch (layer.type) {
    case "conv2d": {
      const multiplyAdds = pixels * windowSize * input[2] * layer.filters;
      return withWeights(layer, input, { outputShape: [...output, layer.filters], multiplyAdds });
    }
    case "separableConv2d": {
      const channels = input[2] * layer.depthMultiplier;
      const multiplyAdds = pixels * channels * (windowSize + layer.filters);
      return withWeights(layer, input, { outputShape: [...output, layer.filters], multiplyAdds });
    }
    case "depthwiseConv2d": {
      const channels = input[2] * layer.depthMultiplier;
      return withWeights(layer, input, {
        outputShape: [...output, channels],
        multiplyAdds: pixels * channels * windowSize,
      });
    }
    default:
      return weightless([...output, input[2]]);
  }
}

function padded(
  [height, width, channels]: ImageShape,
  [[top, bottom], [left, right]]: Extract<Layer, { type: "zeroPadding2d" }>["padding"],
): ImageShape {
  return [height + top + bottom, width + left + right, channels];
}

function withWeights(
  layer: PlainLayer,
  input: Shape,
  { outputShape, multiplyAdds }: Pick<LayerFacts, "outputShape" | "multiplyAdds">,
): LayerFacts {
  const { trained, others } = countWeights(layer, input);
  return { outputShape, parameterCount: trained, multiplyAdds, ...(others > 0 && { nonTrainableCount: others }) };
}

function weightless(outputShape: Shape): LayerFacts {
  return { outputShape, parameterCount: 0, multiplyAdds: 0 };
}
