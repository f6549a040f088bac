import { z } from "zod";

const positiveInteger = z.int().min(1);

/** `training.checkpoint`. */
export const checkpointSchema = z.strictObject({
  everyEpochs: positiveInteger.optional().describe("Write a checkpoint after every n epochs."),
  everySteps: positiveInteger.optional().describe("Write a checkpoint after every n optimizer steps."),
  keep: z
    .union([positiveInteger, z.enum(["all", "last", "best"])])
    .default(1)
    .describe(
      "Which checkpoints are kept: the newest n, `last` (the newest), `best` (of the best epoch, and the newest) or `all`.",
    ),
});
