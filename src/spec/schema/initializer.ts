import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

/** Initialisers without parameters; the spread of the drawn ones follows from the layer's fan-in and fan-out. */
const parameterlessNames = [
  "zeros",
  "ones",
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "lecunUniform",
  "lecunNormal",
] as const;

const stddev = z.number().nonnegative().describe("Standard deviation of the drawn weights.");
const mean = z.number().default(0).describe("Mean of the drawn weights.");

const parametrised = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("constant"), value: z.number().default(0).describe("Value of every weight.") }),
  z.strictObject({ type: z.literal("randomNormal"), mean, stddev: stddev.default(0.05) }),
  z.strictObject({ type: z.literal("truncatedNormal"), mean, stddev: stddev.default(0.05) }),
  z
    .strictObject({
      type: z.literal("randomUniform"),
      minval: z.number().default(-0.05).describe("Lower end of the range."),
      maxval: z.number().default(0.05).describe("Upper end of the range."),
    })
    .refine(
      ({ minval, maxval }) => typeof minval !== "number" || typeof maxval !== "number" || minval < maxval,
      ruleBetweenFields({
        at: [],
        code: "conflicting-fields",
        message: "got a lower end `minval` that is not below the upper end `maxval` (defaults: -0.05 and 0.05)",
        fix: "give both, the smaller one as `minval`, e.g. `{ type: randomUniform, minval: -0.1, maxval: 0.1 }`",
      }),
    ),
  z.strictObject({ type: z.literal(parameterlessNames) }),
]);

/** Initialisers that may be given by name alone. */
export const plainInitializerNames = [
  ...parameterlessNames,
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
