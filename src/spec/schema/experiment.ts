import { z } from "zod";
import { dataSchema } from "./data.ts";
import { evaluationSchema } from "./evaluation.ts";
import { modelSchema } from "./layer.ts";
import { trainingSchema } from "./training.ts";

export { evaluationSchema, type Evaluation } from "./evaluation.ts";

const positiveInteger = z.int().min(1);

/** Any YAML value. */
export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

const yamlValueSchema: z.ZodType<YamlValue> = z.json().meta({ id: "yamlValue" });
const seed = z.int().min(0).max(0xffff_ffff);

function refuseRepeatedSeeds(seeds: readonly number[], context: z.core.$RefinementCtx): void {
  const fix = "remove it; every seed is one replicate";
  const seen = new Set<number>();
  for (const [index, seed] of seeds.entries()) {
    const message = `got the seed ${seed} a second time, expected every seed once`;
    if (seen.has(seed))
      context.addIssue({ code: "custom", path: [index], message, params: { code: "conflicting-fields", fix } });
    seen.add(seed);
  }
}

/** The search space. */
export const sweepSchema = z.strictObject({
  grid: z
    .record(
      z.string(),
      z
        .array(yamlValueSchema)
        .min(1)
        .meta({ examples: [["first value", "second value"]] }),
    )
    .default({})
    .describe("Path of a field, as `training.optimizer.learningRate`, to the list of its values; all combinations run.")
    .meta({ examples: [{ "training.optimizer.learningRate": [0.001, 0.01] }] }),
  seeds: z
    .union([
      positiveInteger.max(1000).transform((count) => Array.from({ length: count }, (_, index) => index + 1)),
      z.array(seed).min(1).superRefine(refuseRepeatedSeeds),
    ])
    .prefault(1)
    .describe("Replicates of every configuration: a count n (seeds 1…n) or a list of seeds."),
});

/** A checked `sweep:` section; the values of `grid` are checked when the sweep is expanded. */
export type Sweep = z.infer<typeof sweepSchema>;

/** What running takes; no influence on results or trial ids. */
export const resourcesSchema = z.strictObject({
  workers: positiveInteger.max(256).optional().describe("Trials side by side on this machine. Default: one per core."),
  memoryMebibytes: positiveInteger
    .optional()
    .describe("Memory of one worker; a plan whose estimate is above it is refused. Default: no check."),
});

/** A checked `resources:` section. */
export type Resources = z.infer<typeof resourcesSchema>;

/** The sections that make up a configuration: what a swept path may point into. */
export const configurationSections = {
  data: dataSchema,
  model: modelSchema,
  training: trainingSchema,
  evaluation: evaluationSchema,
} as const;

/** A whole experiment file. */
export const experimentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "expected lower-case letters, digits and -")
    .max(100)
    .describe("Name of the experiment; its runs are kept under it.")
    .meta({ examples: ["mnist-cnn"] }),
  description: z.string().optional().describe("What this experiment is about, for people."),
  data: dataSchema.describe("What is learned from and tested on."),
  model: modelSchema.describe("The architecture."),
  training: trainingSchema.describe("How the model learns.").meta({ examples: [{ epochs: 5 }] }),
  evaluation: evaluationSchema.prefault({}).describe("When and how the model is tested."),
  sweep: sweepSchema.prefault({}).describe("The search space: which configurations and seeds are run."),
  resources: resourcesSchema.prefault({}).describe("What running takes; no influence on results."),
});

/** A checked experiment with every default filled in. */
export type ExperimentSpec = z.infer<typeof experimentSchema>;
