import { z } from "zod";
import { maxTopK } from "../max-top-k.ts";

/** When and how finished epochs and models are tested. */
export const evaluationSchema = z.strictObject({
  test: z
    .enum(["end", "everyEpoch"])
    .default("end")
    .describe("When the test examples are evaluated. They are never used to select anything."),
  batchSize: z.int().min(1).default(500).describe("Examples per evaluation batch."),
  topK: z
    .int()
    .min(2)
    .max(maxTopK)
    .optional()
    .describe("Also show the top-k accuracy: right if the true class is among the k most probable. Default: not shown.")
    .meta({ examples: [5] }),
});

/** A checked `evaluation:` section. */
export type Evaluation = z.infer<typeof evaluationSchema>;
