import { layers, regularizers } from "@tensorflow/tfjs-layers";
import type { Activation } from "../../src/spec/schema/activation.ts";
import type { Layer } from "../../src/spec/schema/layer.ts";
import type { Regularizer } from "../../src/spec/schema/regularizer.ts";
import { TrainableBatchNormalization } from "./batch-normalization-layer.ts";
import { KeyedDropout, type StepClock } from "./dropout-layer.ts";
import { KeyedGaussianNoise } from "./gaussian-noise-layer.ts";
import { GlobalMaxPooling } from "./global-max-pooling-layer.ts";
import { trainThroughDilation } from "./dilated-convolution.ts";
import { TrainableLayerNormalization } from "./layer-normalization-layer.ts";
import { isDilated, isFunction, type ModelNode } from "./model-nodes.ts";

type TfLayer = layers.Layer;
type LayerOf<Type extends Layer["type"]> = Extract<Layer, { readonly type: Type }>;

/** What random layers draw from. */
export interface RandomSource {
  /** The trial's seed. */
  readonly seed: number;
  /** Tells them the step. */
  readonly clock: StepClock;
}

/** The stock initialisers are slow and draw from an unseeded generator: the real weights are set afterwards. */
const withoutDrawing = { kernelInitializer: "zeros", biasInitializer: "zeros" } as const;
const depthwiseWithoutDrawing = { depthwiseInitializer: "zeros", biasInitializer: "zeros" } as const;

/** The tfjs layer of a node, all its weights 0. Activations that tfjs has only as layers are nodes of their own. */
export function buildLayer({ name, layer, layerIndex }: ModelNode, { seed, clock }: RandomSource): TfLayer {
  const key = { seed, layerIndex };
  switch (layer.type) {
    case "conv2d":
      return buildConv2d(name, layer);
    case "separableConv2d":
      return buildSeparableConv2d(name, layer);
    case "depthwiseConv2d":
      return buildDepthwiseConv2d(name, layer);
    case "dense":
      return layers.dense({
        ...activatedArguments(name, layer),
        units: layer.units,
        ...withoutDrawing,
        ...kernelPenalty(layer),
        ...biasPenalty(layer),
      });
    case "maxPooling2d":
      return layers.maxPooling2d(poolArguments(name, layer));
    case "averagePooling2d":
      return layers.averagePooling2d(poolArguments(name, layer));
    case "globalMaxPooling2d":
      return new GlobalMaxPooling({ name });
    case "globalAveragePooling2d":
      return layers.globalAveragePooling2d({ name });
    case "zeroPadding2d": {
      const [[top, bottom], [left, right]] = layer.padding;
      return layers.zeroPadding2d({
        name,
        padding: [
          [top, bottom],
          [left, right],
        ],
      });
    }
    case "flatten":
      return layers.flatten({ name });
    case "batchNormalization": {
      const { momentum, epsilon, center, scale, trainable = true } = layer;
      return new TrainableBatchNormalization({ name, momentum, epsilon, center, scale, trainable });
    }
    case "layerNormalization": {
      const { epsilon, center, scale, trainable = true } = layer;
      return new TrainableLayerNormalization({ name, epsilon, center, scale, trainable });
    }
    case "dropout":
      return new KeyedDropout({ name, rate: layer.rate, drops: "values", maskKey: key, clock });
    case "spatialDropout2d":
      return new KeyedDropout({ name, rate: layer.rate, drops: "channels", maskKey: key, clock });
    case "gaussianNoise":
      return new KeyedGaussianNoise({ name, stddev: layer.stddev, noiseKey: key, clock });
    case "activation":
      return buildActivation(name, layer.activation);
    case "add":
      return layers.add({ name });
    case "concatenate":
      return layers.concatenate({ name, axis: -1 });
    default:
      return layer satisfies never;
  }
}

function buildConv2d(name: string, layer: LayerOf<"conv2d">): TfLayer {
  const built = layers.conv2d({
    ...kernelArguments(name, layer),
    filters: layer.filters,
    dilationRate: [...layer.dilationRate],
    ...withoutDrawing,
    ...kernelPenalty(layer),
    ...biasPenalty(layer),
  });
  if (isDilated(layer)) trainThroughDilation(built, layer);
  return built;
}

function buildSeparableConv2d(name: string, layer: LayerOf<"separableConv2d">): TfLayer {
  const { filters, depthMultiplier } = layer;
  const built = layers.separableConv2d({
    ...kernelArguments(name, layer),
    filters,
    depthMultiplier,
    ...depthwiseWithoutDrawing,
    pointwiseInitializer: "zeros",
    ...depthwisePenalty(layer),
    ...pointwisePenalty(layer),
    ...biasPenalty(layer),
  });
  // tfjs 4.22 leaves it out.
  return saveWith(built, { depthMultiplier });
}

function buildDepthwiseConv2d(name: string, layer: LayerOf<"depthwiseConv2d">): TfLayer {
  const built = layers.depthwiseConv2d({
    ...kernelArguments(name, layer),
    depthMultiplier: layer.depthMultiplier,
    ...depthwiseWithoutDrawing,
    ...depthwisePenalty(layer),
    ...biasPenalty(layer),
  });
  // tfjs 4.22 writes the regularizer there, which nothing can read.
  return saveWith(built, { depthwiseConstraint: null });
}

/** Corrects what a stock layer writes into a saved model. */
function saveWith(layer: TfLayer, correction: Readonly<Record<string, number | null>>): TfLayer {
  const getStockConfig = layer.getConfig.bind(layer);
  layer.getConfig = () => ({ ...getStockConfig(), ...correction });
  return layer;
}

function buildActivation(name: string, activation: Activation): TfLayer {
  if (isFunction(activation)) return layers.activation({ name, activation });
  return layers.leakyReLU({ name, alpha: activation === "leakyRelu" ? 0.2 : activation.negativeSlope });
}

function kernelArguments(name: string, layer: LayerOf<"conv2d" | "separableConv2d" | "depthwiseConv2d">) {
  const kernelSize: [number, number] = [...layer.kernelSize];
  const strides: [number, number] = [...layer.strides];
  return { ...activatedArguments(name, layer), kernelSize, strides, padding: layer.padding };
}

function activatedArguments(
  name: string,
  layer: MaybeFrozen & { readonly activation: Activation; readonly useBias: boolean },
) {
  if (!isFunction(layer.activation)) throw new Error(`the activation of ${name} must be a layer of its own`);
  return { name, activation: layer.activation, useBias: layer.useBias, ...frozen(layer) };
}

function frozen({ trainable }: MaybeFrozen) {
  return trainable === false ? { trainable } : {};
}

type MaybeFrozen = { readonly trainable?: false | undefined };

function kernelPenalty(layer: LayerOf<"conv2d" | "dense">) {
  const kernelRegularizer = penaltyOf(layer, layer.kernelRegularizer);
  return kernelRegularizer ? { kernelRegularizer } : {};
}

function depthwisePenalty(layer: LayerOf<"separableConv2d" | "depthwiseConv2d">) {
  const depthwiseRegularizer = penaltyOf(layer, layer.depthwiseRegularizer);
  return depthwiseRegularizer ? { depthwiseRegularizer } : {};
}

function pointwisePenalty(layer: LayerOf<"separableConv2d">) {
  const pointwiseRegularizer = penaltyOf(layer, layer.pointwiseRegularizer);
  return pointwiseRegularizer ? { pointwiseRegularizer } : {};
}

function biasPenalty(layer: MaybeFrozen & { readonly biasRegularizer?: Regularizer | undefined }) {
  const biasRegularizer = penaltyOf(layer, layer.biasRegularizer);
  return biasRegularizer ? { biasRegularizer } : {};
}

/** As in Keras, frozen weights cost nothing. */
function penaltyOf({ trainable }: MaybeFrozen, regularizer: Regularizer | undefined) {
  if (regularizer === undefined || trainable === false) return undefined;
  // tfjs takes 0.01 for a factor that is not given.
  return regularizers.l1l2({ l1: regularizer.l1 ?? 0, l2: regularizer.l2 ?? 0 });
}

function poolArguments(name: string, layer: LayerOf<"maxPooling2d" | "averagePooling2d">) {
  const poolSize: [number, number] = [...layer.poolSize];
  const strides: [number, number] = [...(layer.strides ?? layer.poolSize)];
  return { name, poolSize, strides, padding: layer.padding };
}
