import { z } from "zod";
import { initializerSchema } from "./initializer.ts";
import { name, trainable } from "./layer-fields.ts";

const epsilon = z.number().gt(0).default(1e-3).describe("Added to the variance before its root is divided by.");
const center = z.boolean().default(true).describe("Whether a learned offset (beta) is added.");
const scale = z.boolean().default(true).describe("Whether the result is multiplied by a learned factor (gamma).");
const betaInitializer = initializerSchema.prefault("zeros").describe("Initialiser of the offset.");
const gammaInitializer = initializerSchema.prefault("ones").describe("Initialiser of the factor.");

/** Parameters of `batchNormalization`, over the last axis. */
export const batchNormalizationParameters = z.strictObject({
  name,
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .default(0.99)
    .describe("Share of the moving mean and variance that stays at each step, 0 ≤ momentum < 1."),
  epsilon,
  center,
  scale,
  betaInitializer,
  gammaInitializer,
  trainable,
});

/** Parameters of `layerNormalization`, over the last axis. */
export const layerNormalizationParameters = z.strictObject({
  name,
  epsilon,
  center,
  scale,
  betaInitializer,
  gammaInitializer,
  trainable,
});
