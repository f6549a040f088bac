import { z } from "zod";
import type {
  ConfigurationId,
  Plan,
  PlannedConfiguration,
  PlannedData,
  PlannedModel,
  PlannedTrial,
} from "../plan/plan.ts";
import type { Evaluation, Resources } from "../spec/schema/experiment.ts";
import type { Training } from "../spec/schema/training.ts";
import { trialIdSchema } from "./record-schemas.ts";
import type { TrialDocument } from "./trial-record.ts";

// Sections are not checked field by field: only nightsweep writes plans, atomically, and a new layout gets a new
// `schemaVersion`. What is checked is what would otherwise fail far from here: versions, tables, indexes.

const index = z.int().min(0);
const number = z.number();
const configurationIdSchema = z.custom<ConfigurationId>((value) => typeof value === "string" && value !== "");
const valuesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

function section<Section>() {
  return z.custom<Section>((value) => typeof value === "object" && value !== null, "expected a map");
}

const dataSchema = section<PlannedData>();
const modelSchema = section<PlannedModel>();
const trainingSchema = section<Training>();
const evaluationSchema = section<Evaluation>();

const configurationSchema: z.ZodType<PlannedConfiguration> = z.object({
  id: configurationIdSchema,
  values: valuesSchema,
  data: index,
  model: index,
  training: index,
  evaluation: index,
  estimate: z.object({
    stepsPerEpoch: number,
    epochCount: number,
    stepCount: number,
    memoryBytes: number,
    trainingMultiplyAdds: number,
  }),
});

const trialSchema: z.ZodType<PlannedTrial> = z.object({ id: trialIdSchema, configuration: index, seed: index });

/** `plan.json`. */
export const planSchema: z.ZodType<Plan> = z
  .object({
    schemaVersion: z.literal(1),
    planId: z.string(),
    experiment: z.string(),
    description: z.string().exactOptional(),
    code: z.object({ packageVersion: z.string(), resultsVersion: number }),
    data: z.array(dataSchema),
    models: z.array(modelSchema),
    trainings: z.array(trainingSchema),
    evaluations: z.array(evaluationSchema),
    configurations: z.array(configurationSchema),
    trials: z.array(trialSchema),
    resources: section<Resources>(),
  })
  .refine(pointsInsideItsTables, "an index points outside the plan's tables");

function pointsInsideItsTables(plan: Plan): boolean {
  return (
    plan.trials.every((trial) => trial.configuration < plan.configurations.length) &&
    plan.configurations.every(
      (configuration) =>
        configuration.data < plan.data.length &&
        configuration.model < plan.models.length &&
        configuration.training < plan.trainings.length &&
        configuration.evaluation < plan.evaluations.length,
    )
  );
}

/** `trial.json`. */
export const trialDocumentSchema: z.ZodType<TrialDocument> = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  id: trialIdSchema,
  seed: index,
  configurationId: configurationIdSchema,
  values: valuesSchema,
  data: dataSchema,
  model: modelSchema,
  training: trainingSchema,
  evaluation: evaluationSchema,
});
