import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const learningRate = z.number().gt(0).describe("Step size, > 0.");
const decay = (what: string) => z.number().min(0).lt(1).describe(what);
const epsilon = z.number().gt(0).default(1e-7);

const beta1 = decay("Decay of the mean of gradients, 0 ≤ beta1 < 1.").default(0.9);
const beta2 = decay("Decay of the mean of squared gradients, 0 ≤ beta2 < 1.").default(0.999);
const adamEpsilon = epsilon.describe("Added to the denominator (Keras' placement).");
const amsgrad = z
  .boolean()
  .optional()
  .describe("Divide by the largest mean of squared gradients so far (AMSGrad). Default: false.");

const sgdSchema = z
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
  );

const adamSchema = z.strictObject({
  // The default, so that a sweep of `training.optimizer.learningRate` needs no optimizer in the document.
  type: z.literal("adam").default("adam"),
  learningRate: learningRate.default(0.001),
  beta1,
  beta2,
  epsilon: adamEpsilon,
  amsgrad,
});

const adamwSchema = z.strictObject({
  type: z.literal("adamw"),
  learningRate: learningRate.default(0.001),
  weightDecay: z
    .number()
    .min(0)
    .default(0.004)
    .describe("Before each step every weight loses this share, times the learning rate, of itself; ≥ 0."),
  excludeFromWeightDecay: z
    .array(z.enum(["bias", "normalization"]))
    .optional()
    .describe("Weights that don't decay: `bias`, and `normalization` (gamma and beta). Default: none.")
    .meta({ examples: [["bias", "normalization"]] }),
  beta1,
  beta2,
  epsilon: adamEpsilon,
  amsgrad,
});

const rmspropSchema = z.strictObject({
  type: z.literal("rmsprop"),
  learningRate: learningRate.default(0.001),
  rho: decay("Decay of the mean of squared gradients, 0 ≤ rho < 1.").default(0.9),
  momentum: decay("Share of the last step that is repeated, 0 ≤ momentum < 1.").default(0),
  epsilon: epsilon.describe("Added under the root (Keras' placement)."),
  centered: z
    .boolean()
    .default(false)
    .describe("Divide by the standard deviation of gradients instead of their root mean square."),
});

const adagradSchema = z.strictObject({
  type: z.literal("adagrad"),
  learningRate: learningRate.default(0.001),
  initialAccumulatorValue: z.number().min(0).default(0.1).describe("Where the sums of squared gradients start, ≥ 0."),
  epsilon: epsilon.describe("Added under the root (Keras' placement)."),
});

/** `training.optimizer`: parameters and defaults are Keras'. */
export const optimizerSchema = z.discriminatedUnion("type", [
  sgdSchema,
  adamSchema,
  adamwSchema,
  rmspropSchema,
  adagradSchema,
]);

/** A checked optimizer with every parameter filled in. */
export type Optimizer = z.infer<typeof optimizerSchema>;

const limit = z.number().gt(0).optional();

/** `training.gradientClipping`: one of Keras' three ways. */
export const gradientClippingSchema = z
  .strictObject({
    value: limit
      .describe("Every entry of every gradient is cut to −x…x (Keras' clipvalue), > 0.")
      .meta({ examples: [0.5] }),
    norm: limit
      .describe("Every weight tensor's gradient is scaled down to at most this norm (Keras' clipnorm), > 0.")
      .meta({ examples: [1] }),
    globalNorm: limit
      .describe("All gradients together are scaled down to at most this norm (Keras' global_clipnorm), > 0.")
      .meta({ examples: [1] }),
  })
  .refine(
    (ways) => Object.values(ways).filter((way) => way !== undefined).length === 1,
    ruleBetweenFields({
      at: [],
      code: "conflicting-fields",
      message: "expected exactly one of `value`, `norm` and `globalNorm`",
      fix: "give only one of them, e.g. `globalNorm: 1`",
      absent: ["value", "norm", "globalNorm"],
    }),
  );

/** A checked way to clip gradients. */
export type GradientClipping = z.infer<typeof gradientClippingSchema>;
