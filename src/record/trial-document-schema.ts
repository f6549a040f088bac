import { z } from "zod";
import type { PlannedData, PlannedModel } from "../plan/plan.ts";
import { isConfigurationId } from "../plan/trial-id.ts";
import type { Evaluation } from "../spec/schema/experiment.ts";
import type { Training } from "../spec/schema/training.ts";
import { trialIdSchema } from "./record-schemas.ts";
import type { TrialDocument } from "./trial-record.ts";

// Sections are not checked field by field: only nightsweep writes them, atomically, and a new layout gets a new
// `schemaVersion`.
function section<Section>() {
  return z.custom<Section>((value) => typeof value === "object" && value !== null, "expected a map");
}

/** `trial.json`. */
export const trialDocumentSchema: z.ZodType<TrialDocument> = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  id: trialIdSchema,
  seed: z.int().min(0),
  configurationId: z.custom<TrialDocument["configurationId"]>(
    (value) => typeof value === "string" && isConfigurationId(value),
    "expected an id",
  ),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  data: section<PlannedData>(),
  model: section<PlannedModel>(),
  training: section<Training>(),
  evaluation: section<Evaluation>(),
});
