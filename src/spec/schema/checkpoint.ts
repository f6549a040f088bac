import { z } from "zod";

const positiveInteger = z.int().min(1);

/** `training.checkpoint`. */
export const checkpointSchema = z.strictObject({
  everyEpochs: positiveInteger
    .optional()
    .describe("Write a checkpoint after every n epochs. Default: 1, or none with `everySteps` or `everySeconds`."),
  everySteps: positiveInteger
    .optional()
    .describe("Write a checkpoint after every n optimizer steps. Default: after epochs only."),
  everySeconds: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "Write a checkpoint after the step with which n seconds have passed since the last one. Default: after epochs only.",
    )
    .meta({ examples: [300] }),
  keep: z
    .union([positiveInteger, z.enum(["all", "last", "best"])])
    .default(1)
    .describe(
      "Which checkpoints are kept: the newest n, `last` (the newest), `best` (of the best epoch, and the newest) or `all`.",
    ),
});
