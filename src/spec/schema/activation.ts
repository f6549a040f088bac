import { z } from "zod";

/** Activation functions of the language. */
export const activationNames = [
  "linear",
  "relu",
  "leakyRelu",
  "elu",
  "selu",
  "gelu",
  "swish",
  "tanh",
  "sigmoid",
  "softmax",
] as const;

const parametrised = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("leakyRelu"),
    // Keras has two defaults: 0.3 in the layer LeakyReLU, 0.2 in the function of that name. This is the function.
    negativeSlope: z
      .number()
      .min(0)
      .default(0.2)
      .describe("Slope for inputs below 0; default 0.2, as Keras' function."),
  }),
  z.strictObject({
    type: z.literal("elu"),
    alpha: z.number().gt(0).default(1).describe("Limit for very negative inputs is -alpha."),
  }),
]);

/**
 * An activation by name, or with its parameter. A default that is written out is the name alone, so that both mean the
 * same trial.
 */
export const activationSchema = z.union([z.enum(activationNames), parametrised]).transform((value) => {
  if (typeof value === "string") return value;
  const isDefault = value.type === "leakyRelu" ? value.negativeSlope === 0.2 : value.alpha === 1;
  return isDefault ? value.type : value;
});

/** A checked activation. */
export type Activation = z.infer<typeof activationSchema>;

/** The name of an activation, whatever its parameter. */
export function activationName(activation: Activation): (typeof activationNames)[number] {
  return typeof activation === "string" ? activation : activation.type;
}
