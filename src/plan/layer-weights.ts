import type { Initializer } from "../spec/schema/initializer.ts";
import type { Layer } from "../spec/schema/layer.ts";
import type { Shape } from "./plan.ts";
import { elementCount } from "./shape.ts";

/** One weight tensor of a layer. */
export interface LayerWeight {
  /** What it is called after the layer's name, as `kernel` in `conv2d_1/kernel`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** Whether gradients change it (unless the layer is frozen); moving statistics follow the batches instead. */
  readonly isLearned: boolean;
}

/** The weights of layers that have any, whichever way they are called. */
type LayerOf<Type extends Layer["type"]> = Extract<Layer, { readonly type: Type }>;

/**
 * The weight tensors of a layer in Keras' order and shapes.
 * @param input shape of the layer's input without the batch axis: [height, width, channels] or [features]
 */
export function layerWeights(layer: Layer, input: Shape): readonly LayerWeight[] {
  const channels = input.at(-1) ?? 0;
  switch (layer.type) {
    case "conv2d":
      return withBias(layer, layer.filters, [
        learned("kernel", [...layer.kernelSize, channels, layer.filters], layer.kernelInitializer),
      ]);
    case "dense":
      return withBias(layer, layer.units, [learned("kernel", [channels, layer.units], layer.kernelInitializer)]);
    case "separableConv2d":
      return withBias(layer, layer.filters, [
        depthwiseKernel(layer, channels),
        learned("pointwiseKernel", [1, 1, channels * layer.depthMultiplier, layer.filters], layer.pointwiseInitializer),
      ]);
    case "depthwiseConv2d":
      return withBias(layer, channels * layer.depthMultiplier, [depthwiseKernel(layer, channels)]);
    case "batchNormalization":
      return [
        ...scaleAndOffset(layer, channels),
        { name: "movingMean", shape: [channels], initializer: { type: "zeros" }, isLearned: false },
        { name: "movingVariance", shape: [channels], initializer: { type: "ones" }, isLearned: false },
      ];
    case "layerNormalization":
      return scaleAndOffset(layer, channels);
    default:
      return [];
  }
}

/** How many weights of a layer gradients change, and how many they don't. */
export function countWeights(layer: Layer, input: Shape): { readonly trained: number; readonly others: number } {
  let [trained, others] = [0, 0];
  for (const { shape, isLearned } of layerWeights(layer, input)) {
    if (isLearned && !isFrozen(layer)) trained += elementCount(shape);
    else others += elementCount(shape);
  }
  return { trained, others };
}

/** Whether a layer keeps the weights that it starts with. */
export function isFrozen(layer: Layer): boolean {
  return "trainable" in layer && layer.trainable === false;
}

function learned(name: string, shape: Shape, initializer: Initializer): LayerWeight {
  return { name, shape, initializer, isLearned: true };
}

function withBias(
  layer: { readonly useBias: boolean; readonly biasInitializer: Initializer },
  size: number,
  kernels: readonly LayerWeight[],
): readonly LayerWeight[] {
  return layer.useBias ? [...kernels, learned("bias", [size], layer.biasInitializer)] : kernels;
}

function depthwiseKernel(layer: LayerOf<"separableConv2d" | "depthwiseConv2d">, channels: number): LayerWeight {
  const shape = [...layer.kernelSize, channels, layer.depthMultiplier];
  return learned("depthwiseKernel", shape, layer.depthwiseInitializer);
}

function scaleAndOffset(
  layer: LayerOf<"batchNormalization" | "layerNormalization">,
  channels: number,
): readonly LayerWeight[] {
  return [
    ...(layer.scale ? [learned("gamma", [channels], layer.gammaInitializer)] : []),
    ...(layer.center ? [learned("beta", [channels], layer.betaInitializer)] : []),
  ];
}
