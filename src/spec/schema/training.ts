import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const positiveInteger = z.int().min(1);
const learningRate = z.number().gt(0).describe("Step size, > 0.");
const decay = (what: string) => z.number().min(0).lt(1).describe(what);

const optimizerSchema = z.discriminatedUnion("type", [
  z
    .strictObject({
      type: z.literal("sgd"),
      learningRate: learningRate.default(0.01),
      momentum: decay("Share of the last step that is repeated, 0 ≤ momentum < 1.").default(0),
      nesterov: z.boolean().default(false).describe("Nesterov's momentum; needs `momentum` above 0."),
    })
    .refine(
      ({ nesterov, momentum }) => !(nesterov && momentum === 0),
      ruleBetweenFields({
        at: ["nesterov"],
        code: "conflicting-fields",
        message: "got `nesterov: true` without momentum; Nesterov's momentum needs `momentum` above 0",
        fix: "add `momentum: 0.9`, or remove `nesterov`",
      }),
    ),
  z.strictObject({
    // The default, so that a sweep of `training.optimizer.learningRate` needs no optimizer in the document.
    type: z.literal("adam").default("adam"),
    learningRate: learningRate.default(0.001),
    beta1: decay("Decay of the mean of gradients, 0 ≤ beta1 < 1.").default(0.9),
    beta2: decay("Decay of the mean of squared gradients, 0 ≤ beta2 < 1.").default(0.999),
    epsilon: z.number().gt(0).default(1e-7).describe("Added to the denominator (Keras' placement)."),
  }),
]);

/** A checked optimizer with every parameter filled in. */
export type Optimizer = z.infer<typeof optimizerSchema>;

/** Loss functions of the language. */
export const lossNames = ["sparseCategoricalCrossentropy", "categoricalCrossentropy"] as const;

const lossSchema = z
  .union([
    z.enum(lossNames),
    z.strictObject({
      type: z.enum(lossNames),
      fromLogits: z.boolean().default(false).describe("Whether the last layer gives logits instead of probabilities."),
    }),
  ])
  .transform((value) => (typeof value === "string" ? { type: value, fromLogits: false } : value));

/** A checked loss. */
export type Loss = z.infer<typeof lossSchema>;

const scheduleSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("constant") }),
  z.strictObject({
    type: z.literal("step"),
    everyEpochs: positiveInteger.describe("Number of epochs between two drops.").meta({ examples: [10] }),
    factor: z.number().gt(0).lt(1).default(0.1).describe("What the learning rate is multiplied by at each drop."),
  }),
]);

/** A checked learning-rate schedule. */
export type LearningRateSchedule = z.infer<typeof scheduleSchema>;

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
    keepBest: z
      .enum(["validationLoss", "validationAccuracy"])
      .optional()
      .describe(
        "Test and save the weights of the epoch that was best on the validation part. Default: the last epoch's.",
      ),
    checkpoint: z
      .strictObject({
        everyEpochs: positiveInteger.optional().describe("Write a checkpoint after every n epochs."),
        everySteps: positiveInteger.optional().describe("Write a checkpoint after every n optimizer steps."),
        keep: z
          .union([positiveInteger, z.literal("all")])
          .default(1)
          .describe("How many of the newest checkpoints are kept."),
      })
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
  );

/** A checked `training:` section. */
export type Training = z.infer<typeof trainingSchema>;
