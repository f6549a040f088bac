import { z } from "zod";
import { checkpointSchema } from "./checkpoint.ts";
import { emaSchema } from "./ema.ts";
import { classWeightsSchema, lossSchema } from "./loss.ts";
import { earlyStoppingSchema, monitors, oneChooserOfWeights } from "./monitor.ts";
import { gradientClippingSchema, optimizerSchema } from "./optimizer.ts";
import { ruleBetweenFields } from "./rule.ts";
import { scheduleSchema } from "./schedule.ts";

export type { Loss } from "./loss.ts";
export type { Optimizer } from "./optimizer.ts";
export type { LearningRateSchedule } from "./schedule.ts";

const positiveInteger = z.int().min(1);

const shuffleSchema = z.union([
  z.boolean(),
  z.strictObject({
    buffer: positiveInteger
      .describe("Examples in the buffer that the next one is drawn from, as tf.data's shuffle(buffer_size).")
      .meta({ examples: [1000] }),
  }),
]);

/** How the order of an epoch's examples is made. */
export type Shuffle = z.infer<typeof shuffleSchema>;

/** How the model learns. */
export const trainingSchema = z
  .strictObject({
    epochs: positiveInteger
      .optional()
      .describe("Budget in passes over the training part. Either this or `steps`.")
      .meta({ examples: [5] }),
    steps: positiveInteger
      .optional()
      .describe("Budget in optimizer steps. Either this or `epochs`.")
      .meta({ examples: [1000] }),
    batchSize: positiveInteger.default(32).describe("Examples per step; the last batch of an epoch may be smaller."),
    optimizer: optimizerSchema
      .prefault({ type: "adam" })
      .describe("Update rule, by default adam; parameters and defaults are Keras'."),
    loss: lossSchema.prefault("sparseCategoricalCrossentropy").describe("What is minimised."),
    learningRateSchedule: scheduleSchema
      .prefault({ type: "constant" })
      .describe(
        "How the learning rate changes; epochs count from 0, so `everyEpochs: 10` drops first at the 11th epoch.",
      ),
    shuffle: shuffleSchema
      .default(true)
      .describe(
        "New order of the examples each epoch, drawn from (seed, epoch): full, none (false), or through a buffer.",
      ),
    gradientClipping: gradientClippingSchema
      .optional()
      .describe("Limit the gradients before each step, in one of Keras' three ways. Default: none.")
      .meta({ examples: [{ globalNorm: 1 }] }),
    classWeights: classWeightsSchema
      .optional()
      .describe("Weights of classes (by name or index; others: 1) in the training loss, or `balanced`. Default: all 1.")
      .meta({ examples: [{ "0": 2 }] }),
    ema: emaSchema
      .optional()
      .describe("Evaluate and save an exponential moving average of the weights. Default: the weights themselves.")
      .meta({ examples: [{ decay: 0.999 }] }),
    earlyStopping: earlyStoppingSchema
      .optional()
      .describe("Stop before the budget is used up once a figure no longer improves. Default: never.")
      .meta({ examples: [{ patience: 5 }] }),
    keepBest: z
      .enum(monitors)
      .optional()
      .describe("Test and save the weights of the epoch that was best by this figure. Default: the last epoch's."),
    checkpoint: checkpointSchema
      .prefault({ everyEpochs: 1 })
      .describe(
        "When the state is saved so that an interrupted trial can go on. No influence on results or trial ids.",
      ),
    logEverySteps: positiveInteger
      .optional()
      .describe("Also record the mean loss of every n steps. Default: per epoch only.")
      .meta({ examples: [100] }),
  })
  .refine(
    ({ epochs, steps }) => epochs !== undefined || steps !== undefined,
    ruleBetweenFields({
      at: [],
      code: "missing-budget",
      message: "got neither `epochs` nor `steps`, expected one of them as the training budget",
      fix: "add e.g. `epochs: 5`",
      absent: ["epochs", "steps"],
    }),
  )
  .refine(
    ({ epochs, steps }) => epochs === undefined || steps === undefined,
    ruleBetweenFields({
      at: ["steps"],
      code: "conflicting-fields",
      message: "got `epochs` and `steps`, expected only one of them as the training budget",
      fix: "remove `steps`, or remove `epochs`",
    }),
  )
  .refine(
    ({ keepBest, earlyStopping }) => keepBest === undefined || earlyStopping?.restoreBest !== true,
    oneChooserOfWeights,
  );

/** A checked `training:` section. */
export type Training = z.infer<typeof trainingSchema>;
