import { z } from "zod";

const stddev = z.number().nonnegative().describe("Standard deviation of the drawn weights.");
const mean = z.number().default(0).describe("Mean of the drawn weights.");

const parametrised = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("constant"), value: z.number().describe("Value of every weight.") }),
  z.strictObject({ type: z.literal("randomNormal"), mean, stddev: stddev.default(0.05) }),
  z.strictObject({ type: z.literal("truncatedNormal"), mean, stddev: stddev.default(0.05) }),
  z.strictObject({
    type: z.literal("randomUniform"),
    minval: z.number().default(-0.05).describe("Lower end of the range."),
    maxval: z.number().default(0.05).describe("Upper end of the range."),
  }),
]);

/** Initialisers that need no parameter: their spread follows from the layer's fan-in and fan-out. */
export const plainInitializerNames = [
  "zeros",
  "ones",
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "lecunUniform",
  "lecunNormal",
  "randomNormal",
  "randomUniform",
  "truncatedNormal",
] as const;

/** How a weight tensor is filled before training: a Keras initialiser by name, or with parameters. */
export const initializerSchema = z
  .union([z.enum(plainInitializerNames), parametrised])
  .transform((value) => (typeof value === "string" ? withKerasDefaults(value) : value))
  .describe("How the weights are filled before training; names and defaults are those of Keras.");

function withKerasDefaults(name: (typeof plainInitializerNames)[number]) {
  switch (name) {
    case "randomNormal":
    case "truncatedNormal":
      return { type: name, mean: 0, stddev: 0.05 };
    case "randomUniform":
      return { type: name, minval: -0.05, maxval: 0.05 };
    default:
      return { type: name };
  }
}

/** A resolved initialiser. */
export type Initializer = z.infer<typeof initializerSchema>;
