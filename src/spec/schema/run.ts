import { z } from "zod";
import { durationSchema } from "./duration.ts";

const positiveInteger = z.int().min(1);
const retries = z.int().min(0).max(1000);

const retriesSchema = z.strictObject({
  killed: retries
    .optional()
    .describe(
      "After a signal or a spot reclaim. Attempts that got clearly further than those before don't count. Default: 3.",
    )
    .meta({ examples: [10] }),
  infrastructure: retries
    .optional()
    .describe(
      "After a failure of store, disk or network, with growing pauses of 1 s … 5 min; then the run stops. Default: 8.",
    )
    .meta({ examples: [20] }),
  memory: retries
    .optional()
    .describe("After running out of memory. Default: 1.")
    .meta({ examples: [0] }),
  bug: retries
    .optional()
    .describe("After a crash that nothing explains. Default: 1.")
    .meta({ examples: [0] }),
});

const budgetSchema = z
  .strictObject({
    hours: z
      .number()
      .gt(0)
      .optional()
      .describe("Computing time of all attempts together, in hours. Default: no limit.")
      .meta({ examples: [12] }),
    usd: z
      .number()
      .gt(0)
      .optional()
      .describe("What the machines may cost, in USD; counts only with a price. Default: no limit.")
      .meta({ examples: [25] }),
    pricePerHour: z
      .number()
      .min(0)
      .optional()
      .describe("What an hour of this machine costs, in USD. Default: 0.")
      .meta({ examples: [0.526] }),
  })
  .describe("What a run may use up, however often it goes on; then it checkpoints and stops.");

/** How a run is carried out and when it stops; no influence on results or trial ids. */
export const runSchema = z.strictObject({
  maxFailures: positiveInteger
    .optional()
    .describe("Stop the run when so many trials have failed for good. Default: no limit.")
    .meta({ examples: [10] }),
  identicalFailures: positiveInteger
    .optional()
    .describe(
      "Stop the run when so many trials in a row fail in the same way; see docs/runs.md for what counts. Default: 5.",
    )
    .meta({ examples: [3] }),
  retries: retriesSchema
    .optional()
    .describe(
      "How often a trial is tried again, by kind of failure. Never: mistakes in experiment or data, diverged losses.",
    )
    .meta({ examples: [{ killed: 10 }] }),
  trialTimeLimit: durationSchema
    .optional()
    .describe(
      "Longest time of one attempt at a trial; then it checkpoints and fails; the next `run` goes on from there. Default: no limit.",
    )
    .meta({ examples: ["90m"] }),
  runTimeLimit: durationSchema
    .optional()
    .describe(
      "Longest time of one `nightsweep run`; then all checkpoint and it stops; the next one goes on. Default: no limit.",
    )
    .meta({ examples: ["8h"] }),
  budget: budgetSchema.optional().meta({ examples: [{ hours: 12 }] }),
});

/** A checked `run:` section. */
export type RunRules = z.infer<typeof runSchema>;
