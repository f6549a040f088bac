import { z } from "zod";
import type { Evaluation, Resources } from "../spec/schema/experiment.ts";
import type { Benchmark, ScheduleSection } from "../spec/schema/nightly.ts";
import type { RunRules } from "../spec/schema/run.ts";
import type { Training } from "../spec/schema/training.ts";
import type { ConfigurationId, Plan, PlannedData, PlannedModel, TrialId } from "./plan.ts";
import { isConfigurationId, isTrialId } from "./trial-id.ts";

/** A text that is not a plan of this version of nightsweep. */
export class PlanFormatError extends Error {
  override readonly name = "PlanFormatError";
}

/** Writes a plan as JSON on one line with a newline at its end; equal plans give equal bytes. */
export function serializePlan(plan: Plan): string {
  return `${JSON.stringify(plan)}\n`;
}

/**
 * Reads what `serializePlan` wrote.
 * Checked is what would otherwise fail far from here: version, ids, tables and indexes; sections have been checked
 * before they were written, so of them only what the tables need.
 * @throws PlanFormatError if the text is truncated, damaged, something else or from a newer version
 */
export function parsePlan(text: string): Plan {
  const value = parseJson(text);
  const version = versionSchema.safeParse(value).data?.schemaVersion;
  if (version !== undefined && version > 1)
    throw new PlanFormatError(
      `the plan has schemaVersion ${version}, this nightsweep reads 1: it was written by a newer one; update nightsweep or plan again`,
    );
  const result = planSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue && issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  throw new PlanFormatError(`the plan is damaged, plan again (${place}${issue?.message ?? "unreadable"})`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlanFormatError("the plan is damaged, plan again (it is not JSON, or only a part of it)", {
      cause: error,
    });
  }
}

const versionSchema = z.object({ schemaVersion: z.number() });
const count = z.number().nonnegative();
const index = z.int().min(0);
const shapeSchema = z.array(z.int().min(1));

function section<Section>(schema: z.ZodType = z.record(z.string(), z.unknown())) {
  return z.custom<Section>((value) => schema.safeParse(value).success, "expected a section");
}

const dataSchema = section<PlannedData>(
  z.object({
    dataset: z.object({ sha256: z.string(), imageShape: shapeSchema, classCount: index }),
    trainCount: index,
    validationCount: index,
    testCount: index,
  }),
);

const modelSchema = section<PlannedModel>(
  z.object({
    inputShape: shapeSchema,
    parameterCount: count,
    layers: z.array(z.object({ name: z.string(), layer: z.object({ type: z.string() }), outputShape: shapeSchema })),
  }),
);

const configurationSchema = z.object({
  id: z.custom<ConfigurationId>((value) => typeof value === "string" && isConfigurationId(value), "expected an id"),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  data: index,
  model: index,
  training: index,
  evaluation: index,
  estimate: z.object({
    stepsPerEpoch: count,
    epochCount: count,
    stepCount: count,
    memoryBytes: count,
    trainingMultiplyAdds: count,
  }),
});

const trialSchema = z.object({
  id: z.custom<TrialId>((value) => typeof value === "string" && isTrialId(value), "expected an id"),
  configuration: index,
  seed: index,
});

const planSchema: z.ZodType<Plan> = z
  .object({
    schemaVersion: z.literal(1),
    planId: z.string(),
    experiment: z.string(),
    description: z.string().exactOptional(),
    code: z.object({ packageVersion: z.string(), resultsVersion: index }),
    data: z.array(dataSchema),
    models: z.array(modelSchema),
    trainings: z.array(section<Training>()),
    evaluations: z.array(section<Evaluation>()),
    configurations: z.array(configurationSchema),
    trials: z.array(trialSchema),
    resources: section<Resources>(),
    run: section<RunRules>().exactOptional(),
    schedule: section<ScheduleSection>().exactOptional(),
    benchmark: section<Benchmark>().exactOptional(),
  })
  .refine(pointsInsideItsTables, "an index points outside its table");

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
