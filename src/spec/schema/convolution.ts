import { z } from "zod";
import {
  activation,
  biasInitializer,
  kernelAndBias,
  kernelInitializer,
  kernelSize,
  name,
  padding,
  pair,
  positiveInteger,
  regularizer,
  strides,
  trainable,
  useBias,
} from "./layer-fields.ts";
import { ruleBetweenFields } from "./rule.ts";

const filters = positiveInteger.describe("Number of output channels.").meta({ examples: [16] });
const depthMultiplier = positiveInteger.default(1).describe("Number of depthwise outputs for each input channel.");

/** Parameters of `conv2d`. */
export const conv2dParameters = z
  .strictObject({
    name,
    filters,
    kernelSize,
    strides,
    padding,
    dilationRate: pair.prefault(1).describe("Spacing of the kernel's cells; above 1 only with strides 1."),
    ...kernelAndBias,
  })
  .refine(
    ({ strides, dilationRate }) => !(isAboveOne(strides) && isAboveOne(dilationRate)),
    ruleBetweenFields({
      at: ["dilationRate"],
      code: "conflicting-fields",
      message: "got `dilationRate` above 1 together with `strides` above 1; a dilated kernel needs strides 1",
      fix: "remove `strides`, or remove `dilationRate`",
    }),
  );

/** Whether a pair of sizes has one above 1; anything but a pair has none. */
function isAboveOne(sizes: unknown): boolean {
  return Array.isArray(sizes) && sizes.some((size) => typeof size === "number" && size > 1);
}

/** TensorFlow, hence Keras, computes depthwise kernels only with both strides alike. */
const equalStrides = ruleBetweenFields({
  at: ["strides"],
  code: "conflicting-fields",
  message: "got two different `strides`; a depthwise kernel moves by the same step in both directions",
  fix: "write one number, e.g. `strides: 2`",
});

function areEqual({ strides }: { readonly strides: unknown }): boolean {
  return !Array.isArray(strides) || strides[0] === strides[1];
}

/** Parameters of `separableConv2d`: a kernel for each channel, then a 1×1 convolution across channels. */
export const separableConv2dParameters = z
  .strictObject({
    name,
    filters,
    kernelSize,
    strides,
    padding,
    depthMultiplier,
    activation,
    useBias,
    depthwiseInitializer: kernelInitializer.describe("Initialiser of the kernels of the channels."),
    pointwiseInitializer: kernelInitializer.describe("Initialiser of the 1×1 kernel across channels."),
    biasInitializer,
    depthwiseRegularizer: regularizer("kernels of the channels"),
    pointwiseRegularizer: regularizer("1×1 kernel"),
    biasRegularizer: regularizer("bias"),
    trainable,
  })
  .refine(areEqual, equalStrides);

/** Parameters of `depthwiseConv2d`: a kernel for each channel. */
export const depthwiseConv2dParameters = z
  .strictObject({
    name,
    kernelSize,
    strides,
    padding,
    depthMultiplier,
    activation,
    useBias,
    depthwiseInitializer: kernelInitializer.describe("Initialiser of the kernels of the channels."),
    biasInitializer,
    depthwiseRegularizer: regularizer("kernels of the channels"),
    biasRegularizer: regularizer("bias"),
    trainable,
  })
  .refine(areEqual, equalStrides);
