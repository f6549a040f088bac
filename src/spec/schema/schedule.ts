import { z } from "zod";
import { monitorSchema } from "./monitor.ts";
import { ruleBetweenFields } from "./rule.ts";

const positiveInteger = z.int().min(1);
const rate = z.number().min(0);
const factor = z.number().gt(0).lt(1).default(0.1).describe("What the learning rate is multiplied by at each drop.");
const minimum = rate.default(0).describe("Learning rate that it never falls below, ≥ 0.");

/** Condition of a rule: exactly one of two fields is given. */
const hasOneOf =
  (first: string, second: string) =>
  (map: Readonly<Record<string, unknown>>): boolean =>
    (map[first] === undefined) !== (map[second] === undefined);

function oneOf(first: string, second: string, example: string) {
  return ruleBetweenFields({
    at: [],
    code: "conflicting-fields",
    message: `expected exactly one of \`${first}\` and \`${second}\``,
    fix: `give only one of them, e.g. \`${example}\``,
    absent: [first, second],
  });
}

const warmup = z
  .strictObject({
    epochs: positiveInteger
      .optional()
      .describe("Length in epochs. Either this or `steps`.")
      .meta({ examples: [1] }),
    steps: positiveInteger
      .optional()
      .describe("Length in optimizer steps. Either this or `epochs`.")
      .meta({ examples: [500] }),
    from: rate.default(0).describe("Learning rate of the very first step, ≥ 0."),
  })
  .refine(hasOneOf("epochs", "steps"), oneOf("epochs", "steps", "epochs: 1"))
  .optional()
  .describe("Before the schedule starts, the learning rate rises with each step in a straight line. Default: none.")
  .meta({ examples: [{ epochs: 1 }] });

const constant = z.strictObject({ type: z.literal("constant"), warmup });

const step = z
  .strictObject({
    type: z.literal("step"),
    everyEpochs: positiveInteger
      .optional()
      .describe("Number of epochs between two drops. Either this or `everySteps`.")
      .meta({ examples: [10] }),
    everySteps: positiveInteger
      .optional()
      .describe("Number of optimizer steps between two drops. Either this or `everyEpochs`.")
      .meta({ examples: [1000] }),
    factor,
    warmup,
  })
  .refine(hasOneOf("everyEpochs", "everySteps"), oneOf("everyEpochs", "everySteps", "everyEpochs: 10"))
  .meta({ examples: [{ type: "step", everyEpochs: 10 }] });

const milestones = z
  .array(positiveInteger)
  .min(1)
  .refine(
    // A rule also runs on values of another type, as a map.
    (values) =>
      !Array.isArray(values) || values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0)),
    ruleBetweenFields({
      at: [],
      code: "conflicting-fields",
      message: "got numbers that don't rise, expected each one above the one before",
      fix: "write them in ascending order, each once, e.g. `[30, 60, 80]`",
    }),
  )
  .optional();

const multiStep = z
  .strictObject({
    type: z.literal("multiStep"),
    epochs: milestones
      .describe("Numbers of epochs after which the learning rate drops. Either this or `steps`.")
      .meta({ examples: [[30, 60, 80]] }),
    steps: milestones
      .describe("Numbers of optimizer steps after which the learning rate drops. Either this or `epochs`.")
      .meta({ examples: [[1000, 2000]] }),
    factor,
    warmup,
  })
  .refine(hasOneOf("epochs", "steps"), oneOf("epochs", "steps", "epochs: [30, 60, 80]"))
  .meta({ examples: [{ type: "multiStep", epochs: [30, 60, 80] }] });

const exponential = z
  .strictObject({
    type: z.literal("exponential"),
    decayRate: z
      .number()
      .gt(0)
      .lt(1)
      .describe("What the learning rate is multiplied by over `everyEpochs` or `everySteps`, 0 < x < 1.")
      .meta({ examples: [0.96] }),
    everyEpochs: positiveInteger
      .optional()
      .describe("Length of one decay in epochs; then it changes with each epoch. Either this or `everySteps`.")
      .meta({ examples: [1] }),
    everySteps: positiveInteger
      .optional()
      .describe("Length of one decay in steps; then it changes with each step. Either this or `everyEpochs`.")
      .meta({ examples: [1000] }),
    staircase: z.boolean().default(false).describe("Only change at the end of each decay, not bit by bit."),
    warmup,
  })
  .refine(hasOneOf("everyEpochs", "everySteps"), oneOf("everyEpochs", "everySteps", "everyEpochs: 1"))
  .meta({ examples: [{ type: "exponential", decayRate: 0.96, everyEpochs: 1 }] });

const restarts = z
  .strictObject({
    firstEpochs: positiveInteger
      .optional()
      .describe("Length of the first cycle in epochs. Either this or `firstSteps`.")
      .meta({ examples: [10] }),
    firstSteps: positiveInteger
      .optional()
      .describe("Length of the first cycle in optimizer steps. Either this or `firstEpochs`.")
      .meta({ examples: [1000] }),
    multiplier: z.number().min(1).default(2).describe("How much longer each cycle is than the one before, ≥ 1."),
    factor: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe("What the learning rate at a cycle's start is multiplied by from one cycle to the next, 0 < x ≤ 1."),
  })
  .refine(hasOneOf("firstEpochs", "firstSteps"), oneOf("firstEpochs", "firstSteps", "firstEpochs: 10"))
  .optional()
  .describe("Start again from the top, in longer and longer cycles. Default: one cycle over the whole training.")
  .meta({ examples: [{ firstEpochs: 10 }] });

const cosine = z.strictObject({
  type: z.literal("cosine"),
  minimum: minimum.describe("Learning rate at the end of a cycle, ≥ 0."),
  per: z.enum(["step", "epoch"]).default("step").describe("Whether it changes with each step or only with each epoch."),
  restarts,
  warmup,
});

const list = z.strictObject({
  type: z.literal("list"),
  values: z
    .array(z.number().min(0).describe("Learning rate of one epoch, ≥ 0."))
    .min(1)
    .describe("Learning rate of each epoch, instead of the optimizer's; the last one holds.")
    .meta({ examples: [[0.1, 0.01, 0.001]] }),
  warmup,
});

const reduceOnPlateau = z.strictObject({
  type: z.literal("reduceOnPlateau"),
  monitor: monitorSchema,
  factor,
  patience: positiveInteger.default(10).describe("Epochs in a row without an improvement after which it drops."),
  minDelta: z.number().min(0).default(1e-4).describe("A smaller change is no improvement, ≥ 0."),
  cooldown: z.int().min(0).default(0).describe("Epochs after a drop in which no epoch counts against it."),
  minimum,
  warmup,
});

/** `training.learningRateSchedule`. */
export const scheduleSchema = z.discriminatedUnion("type", [
  constant,
  step,
  multiStep,
  exponential,
  cosine,
  list,
  reduceOnPlateau,
]);

/** A checked learning-rate schedule. */
export type LearningRateSchedule = z.infer<typeof scheduleSchema>;
