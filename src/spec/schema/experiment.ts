import { z } from "zod";
import { dataSchema } from "./data.ts";
import { evaluationSchema } from "./evaluation.ts";
import { modelSchema } from "./layer.ts";
import { benchmarkSchema, scheduleSectionSchema } from "./nightly.ts";
import { runSchema } from "./run.ts";
import { sweepSchema } from "./sweep.ts";
import { trainingSchema } from "./training.ts";

export { evaluationSchema, type Evaluation } from "./evaluation.ts";

const positiveInteger = z.int().min(1);

/** Any YAML value. */
export type { YamlValue } from "./yaml-value.ts";

/** What running takes; no influence on results or trial ids. */
export const resourcesSchema = z.strictObject({
  workers: positiveInteger
    .max(256)
    .optional()
    .describe("Trials side by side on this machine. Default: as many as cores, memory and a measurement allow."),
  threads: positiveInteger
    .max(256)
    .optional()
    .describe(
      "Threads that the native engine computes an operation with; rounding depends on it. The embedded engine has one. Default: 1.",
    ),
  stepsPerCall: positiveInteger
    .max(64)
    .optional()
    .describe(
      "Steps the native engine does in one call on images that it keeps (≤ 1 GiB, not augmented; else one by one, and the record says why). Same results. Default: 1.",
    ),
  trialsPerJob: positiveInteger
    .max(100_000)
    .optional()
    .describe(
      "On AWS: trials that one job runs one after another. Default: as many as keep it busy for five minutes by the estimate.",
    ),
  trialsPerGpu: positiveInteger
    .max(64)
    .optional()
    .describe(
      "On AWS: trials of a job that share its GPU, at most. As many run side by side as the first one is seen to leave memory for. Default: as the deployment says.",
    ),
  memoryMebibytes: positiveInteger
    .optional()
    .describe(
      "Memory of one worker: a plan that needs more is refused, and a worker that holds more is ended: its trial fails. Default: no limit.",
    ),
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
  run: runSchema
    .optional()
    .describe("When a run stops by itself, and what is tried again; no influence on results.")
    .meta({ examples: [{ maxFailures: 10 }] }),
  schedule: scheduleSectionSchema
    .optional()
    .describe("When it is run by itself, once it is deployed; no influence on results.")
    .meta({ examples: [{ cron: "0 2 * * *" }] }),
  benchmark: benchmarkSchema
    .optional()
    .describe(
      "How `nightsweep check` judges a night by those before it; see docs/nightly.md. Default: the defaults of its fields.",
    )
    .meta({ examples: [{ metric: "testAccuracy", minimumEffect: 0.005 }] }),
  extends: z
    .string()
    .min(1)
    .optional()
    .describe("Another experiment file that this one changes: maps are merged, lists replaced, `null` removes.")
    .meta({ examples: ["../base.yaml"] }),
});

/** A checked experiment with every default filled in. */
export type ExperimentSpec = z.infer<typeof experimentSchema>;
