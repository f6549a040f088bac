import { z } from "zod";
import { activationSchema } from "./activation.ts";
import { initializerSchema } from "./initializer.ts";
import { regularizerSchema } from "./regularizer.ts";

// Fields that several layers have.

export const positiveInteger = z.int().min(1);

export const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, "expected a letter followed by letters, digits or _")
  .optional()
  .describe("Name of the layer; must be unique in the model. Default: its type and number, as `conv2d_1`.");

export const activation = activationSchema.prefault("linear").describe("Activation applied to the layer's output.");

export const padding = z
  .enum(["valid", "same"])
  .default("valid")
  .describe("`valid`: no padding; `same`: zeros around the input so that output size = ceil(input / stride).");

export const pair = z
  .union([positiveInteger, z.tuple([positiveInteger, positiveInteger])])
  .transform((value): readonly [number, number] => (typeof value === "number" ? [value, value] : value));

export const kernelSize = pair
  .describe("Height and width of the kernel: one number or [height, width].")
  .meta({ examples: [3, [3, 3]] });

export const strides = pair.prefault(1).describe("Step of the kernel: one number or [vertical, horizontal].");

export const useBias = z.boolean().default(true).describe("Whether a bias is added.");

export const kernelInitializer = initializerSchema.prefault("glorotUniform").describe("Initialiser of the kernel.");

export const biasInitializer = initializerSchema.prefault("zeros").describe("Initialiser of the bias.");

/** Absent = none: a field that is not given is not part of a trial's id. */
export const regularizer = (of: string) =>
  regularizerSchema.optional().describe(`Penalty on the ${of}, added to the loss as in Keras. Default: none.`);

/** `true` is the default and leaves no trace, so that writing it out gives the same trial. */
export const trainable = z
  .boolean()
  .optional()
  .transform((value): false | undefined => (value === false ? value : undefined))
  .describe("`false` freezes the layer: its weights stay as they started. Default: true.");

/** Fields of a layer with a kernel and a bias. */
export const kernelAndBias = {
  activation,
  useBias,
  kernelInitializer,
  biasInitializer,
  kernelRegularizer: regularizer("kernel"),
  biasRegularizer: regularizer("bias"),
  trainable,
} as const;
