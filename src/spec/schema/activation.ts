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

const parametrised = z.strictObject({
  type: z.literal("leakyRelu"),
  // Keras has two defaults: 0.3 in the layer LeakyReLU, 0.2 in the function of that name. This is the function.
  negativeSlope: z.number().min(0).default(0.2).describe("Slope for inputs below 0; default 0.2, as Keras' function."),
});

/**
 * An activation by name, or with its parameter. A default that is written out is the name alone, so that both mean the
 * same trial.
 */
export const activationSchema = z.union([z.enum(activationNames), parametrised]).transform((value) => {
  if (typeof value === "string") return value;
  return value.negativeSlope === 0.2 ? value.type : value;
});

/** A checked activation. */
export type Activation = z.infer<typeof activationSchema>;

/** The name of an activation, whatever its parameter. */
export function activationName(activation: Activation): (typeof activationNames)[number] {
  return typeof activation === "string" ? activation : activation.type;
}
