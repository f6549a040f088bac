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
import type { Shape } from "./plan.ts";
import { elementCount, type ImageShape, isImageShape, type LayerFacts } from "./shape.ts";
import { slide, smallestInput, type Window, type WindowedLayer, windowOf } from "./window.ts";

/**
 * Output shape, parameters and multiply-adds of a layer, by Keras' arithmetic.
 * @param input shape without the batch axis: [height, width, channels] or [features]
 * @param windowsBefore kernels and pools of the layers before, from the network's input on: what an image must fit
 * @returns the facts, or why the layer can't take this input
 */
export function inferLayer(layer: Layer, input: Shape, windowsBefore: readonly Window[]): LayerFacts | LayerProblem {
  const facts = inferUnlimited(layer, input, windowsBefore);
  if ("message" in facts) return facts;
  const largest = Math.max(facts.parameterCount, elementCount(facts.outputShape));
  return largest > maxTensorSize ? tooLarge(layer, facts) : facts;
}

function inferUnlimited(layer: Layer, input: Shape, windowsBefore: readonly Window[]): LayerFacts | LayerProblem {
  switch (layer.type) {
    case "conv2d":
    case "maxPooling2d":
    case "averagePooling2d":
      return isImageShape(input) ? inferWindowed(layer, input, windowsBefore) : needsImage(layer, input);
    case "flatten": {
      const flat = weightless([elementCount(input)]);
      return isImageShape(input) ? flat : alreadyFlat(input, flat);
    }
    case "dense": {
      const facts = inferDense(layer, elementCount(input));
      return isImageShape(input) ? needsFlatten(input, facts) : facts;
    }
    case "dropout":
    case "activation":
      return weightless(input);
    default:
      return layer satisfies never;
  }
}

function inferWindowed(
  layer: WindowedLayer,
  input: ImageShape,
  windowsBefore: readonly Window[],
): LayerFacts | LayerProblem {
  const window = windowOf(layer);
  const output = slide(window, input);
  if (!output) return doesNotFit(layer, input, smallestInput([...windowsBefore, window]));
  if (layer.type !== "conv2d") return weightless([...output, input[2]]);
  const weights = window.size[0] * window.size[1] * input[2] * layer.filters;
  return {
    outputShape: [...output, layer.filters],
    parameterCount: weights + (layer.useBias ? layer.filters : 0),
    multiplyAdds: output[0] * output[1] * weights,
  };
}

function inferDense(layer: Extract<Layer, { type: "dense" }>, features: number): LayerFacts {
  const weights = features * layer.units;
  return {
    outputShape: [layer.units],
    parameterCount: weights + (layer.useBias ? layer.units : 0),
    multiplyAdds: weights,
  };
}

function weightless(outputShape: Shape): LayerFacts {
  return { outputShape, parameterCount: 0, multiplyAdds: 0 };
}
