import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

/** Loss functions of the language. */
export const lossNames = [
  "sparseCategoricalCrossentropy",
  "categoricalCrossentropy",
  "binaryCrossentropy",
  "meanSquaredError",
] as const;

/** Names of the losses that compare probabilities of all classes by their logarithm. */
const crossEntropies: readonly unknown[] = ["sparseCategoricalCrossentropy", "categoricalCrossentropy"];

const lossMap = z
  .strictObject({
    type: z.enum(lossNames),
    fromLogits: z.boolean().default(false).describe("Whether the last layer gives logits instead of probabilities."),
    labelSmoothing: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe("Share s of the label that is spread evenly over all classes (Keras' formula), 0 ≤ s < 1. Default: 0.")
      .meta({ examples: [0.1] }),
    allowSoftmaxOutput: z
      .boolean()
      .optional()
      .describe(
        "Take a softmax's output for logits, as some published systems do; normally a mistake. Default: false.",
      ),
  })
  .refine(
    ({ type, labelSmoothing }) => type !== "meanSquaredError" || (labelSmoothing ?? 0) === 0,
    ruleBetweenFields({
      at: ["labelSmoothing"],
      code: "conflicting-fields",
      message: "got `labelSmoothing` with meanSquaredError; only the cross-entropies smooth labels",
      fix: "remove `labelSmoothing`, or use `type: categoricalCrossentropy`",
    }),
  )
  .refine(
    ({ fromLogits, allowSoftmaxOutput }) => !(allowSoftmaxOutput === true && !fromLogits),
    ruleBetweenFields({
      at: ["allowSoftmaxOutput"],
      code: "conflicting-fields",
      message:
        "got `allowSoftmaxOutput: true` without `fromLogits: true`; a loss from probabilities expects a softmax anyway",
      fix: "remove `allowSoftmaxOutput`, or add `fromLogits: true`",
    }),
  )
  .refine(
    ({ type, allowSoftmaxOutput }) => !(allowSoftmaxOutput === true && !crossEntropies.includes(type)),
    ruleBetweenFields({
      at: ["allowSoftmaxOutput"],
      code: "conflicting-fields",
      message: "got `allowSoftmaxOutput: true` with a loss other than the categorical cross-entropies",
      fix: "remove `allowSoftmaxOutput`, or use `type: sparseCategoricalCrossentropy`",
    }),
  );

/** `training.loss`: a name, or a map. What is given but changes nothing is left out, so that equal losses are equal. */
export const lossSchema = z.union([z.enum(lossNames), lossMap]).transform((value) => {
  if (typeof value === "string") return { type: value, fromLogits: false };
  const { type, fromLogits, labelSmoothing = 0, allowSoftmaxOutput = false } = value;
  return {
    type,
    fromLogits,
    ...(labelSmoothing > 0 && { labelSmoothing }),
    ...(allowSoftmaxOutput && { allowSoftmaxOutput }),
  };
});

/** A checked loss. */
export type Loss = z.infer<typeof lossSchema>;

/** `training.classWeights`. */
export const classWeightsSchema = z.union([
  z.literal("balanced"),
  z.record(z.string(), z.number().min(0).describe("Weight of the class' examples in the training loss, ≥ 0.")),
]);

/** Checked class weights. */
export type ClassWeights = z.infer<typeof classWeightsSchema>;
