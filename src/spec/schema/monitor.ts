import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

/** Figures of an epoch that training may be steered by; the test examples never steer anything. */
export const monitors = ["validationLoss", "validationAccuracy", "trainLoss", "trainAccuracy"] as const;

/** A figure of an epoch. */
export type Monitor = (typeof monitors)[number];

const positiveInteger = z.int().min(1);

/** `monitor: …` of whatever watches the training. */
export const monitorSchema = z
  .enum(monitors)
  .default("validationLoss")
  .describe("Figure that is watched after each epoch; losses should fall, accuracies rise.");

/** `training.earlyStopping`: as Keras' callback. */
export const earlyStoppingSchema = z.strictObject({
  monitor: monitorSchema,
  patience: positiveInteger
    .default(1)
    .describe("Epochs in a row without an improvement after which the training stops.")
    .meta({ examples: [5] }),
  minDelta: z.number().min(0).default(0).describe("A smaller change is no improvement, ≥ 0."),
  restoreBest: z
    .boolean()
    .default(false)
    .describe("Test and save the weights of the best epoch, stopped early or not, instead of the last one's."),
});

/** A checked `earlyStopping:` map. */
export type EarlyStopping = z.infer<typeof earlyStoppingSchema>;

/** Rule of `training`: only one field chooses the weights that are tested and saved. */
export const oneChooserOfWeights = ruleBetweenFields({
  at: ["keepBest"],
  code: "conflicting-fields",
  message: "got `keepBest` and `earlyStopping.restoreBest: true`; both choose the epoch whose weights are saved",
  fix: "remove `keepBest`, or remove `restoreBest`",
});
