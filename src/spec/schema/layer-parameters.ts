import type { z } from "zod";
import { conv2dParameters, depthwiseConv2dParameters, separableConv2dParameters } from "./convolution.ts";
import { activationParameters, denseParameters, flattenParameters, zeroPadding2dParameters } from "./core-layers.ts";
import { dropoutParameters, gaussianNoiseParameters, spatialDropout2dParameters } from "./noise.ts";
import { batchNormalizationParameters, layerNormalizationParameters } from "./normalization.ts";
import { globalPoolParameters, poolParameters } from "./pooling.ts";

/** Parameters of each layer type that can be written, by the key that names it in YAML. */
export const layerParameterSchemas = {
  conv2d: conv2dParameters,
  separableConv2d: separableConv2dParameters,
  depthwiseConv2d: depthwiseConv2dParameters,
  maxPooling2d: poolParameters,
  averagePooling2d: poolParameters,
  globalMaxPooling2d: globalPoolParameters,
  globalAveragePooling2d: globalPoolParameters,
  zeroPadding2d: zeroPadding2dParameters,
  flatten: flattenParameters,
  dense: denseParameters,
  batchNormalization: batchNormalizationParameters,
  layerNormalization: layerNormalizationParameters,
  dropout: dropoutParameters,
  spatialDropout2d: spatialDropout2dParameters,
  gaussianNoise: gaussianNoiseParameters,
  activation: activationParameters,
} as const;

type LayerSchemas = typeof layerParameterSchemas;

/** A layer as it is written, with every parameter filled in. */
export type WrittenLayer = {
  [Type in keyof LayerSchemas]: { readonly type: Type } & Readonly<z.infer<LayerSchemas[Type]>>;
}[keyof LayerSchemas];

/** Where branches meet: the sum of its inputs, or its inputs side by side along the channels. */
export type MergeLayer =
  | { readonly type: "add"; readonly name?: undefined }
  | { readonly type: "concatenate"; readonly name?: undefined };

/** A layer that computes something, with every parameter filled in. */
export type Layer = WrittenLayer | MergeLayer;

/** Keys of entries that are groups of layers. */
export const groupTypes = ["repeat", "residual", "concat"] as const;
