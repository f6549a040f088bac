import { z } from "zod";
import { yamlValueSchema } from "./yaml-value.ts";
import { ruleBetweenFields } from "./rule.ts";

const ascending = ruleBetweenFields({
  at: [],
  code: "empty-range",
  message: "the lower end is not below the upper end",
  fix: "write [lower, upper], the smaller number first",
});

const range = z.tuple([z.number(), z.number()]).refine(isAscending, ascending);
const positiveRange = z.tuple([z.number().gt(0), z.number().gt(0)]).refine(isAscending, ascending);
const integerRange = z.tuple([z.int(), z.int()]).refine(isAscending, ascending);
const normal = z.strictObject({
  mean: z
    .number()
    .describe("Centre of the distribution.")
    .meta({ examples: [0.5] }),
  sd: z
    .number()
    .gt(0)
    .describe("Standard deviation, > 0, in the field's unit.")
    .meta({ examples: [0.1] }),
});

const uniformField = range.describe("[lower, upper]: every number between them is as likely.").meta({
  examples: [[0, 0.5]],
});
const logUniformField = positiveRange
  .describe("[lower, upper], both > 0: every order of magnitude is as likely, as for learning rates.")
  .meta({ examples: [[0.0001, 0.1]] });
const normalField = normal
  .describe("The normal distribution; it has no bounds.")
  .meta({ examples: [{ mean: 0.5, sd: 0.1 }] });

const quantised = z
  .strictObject({
    uniform: uniformField.optional(),
    logUniform: logUniformField.optional(),
    normal: normalField.optional(),
    step: z
      .number()
      .gt(0)
      .describe("Distance of two values, counted from the lower end of the range (from 0 for `normal`).")
      .meta({ examples: [0.1] }),
  })
  .refine(
    (value) => ["uniform", "logUniform", "normal"].filter((name) => Object.hasOwn(value, name)).length === 1,
    ruleBetweenFields({
      at: [],
      code: "conflicting-fields",
      message: "expected exactly one of uniform, logUniform, normal beside `step`",
      fix: "write e.g. `quantised: { uniform: [0, 0.5], step: 0.1 }`",
    }),
  );

/** How the values of a field are drawn. */
export const distributionSchema = z.union([
  z.strictObject({ uniform: uniformField }),
  z.strictObject({ logUniform: logUniformField }),
  z.strictObject({
    intUniform: integerRange
      .describe("[lower, upper]: every whole number from the lower to the upper end is as likely.")
      .meta({ examples: [[16, 128]] }),
  }),
  z.strictObject({
    quantised: quantised
      .describe("A distribution whose numbers are rounded to multiples of a step.")
      .meta({ examples: [{ uniform: [0, 0.5], step: 0.1 }] }),
  }),
  z.strictObject({ normal: normalField }),
  z.strictObject({
    choice: z
      .array(yamlValueSchema)
      .min(1)
      .describe("Values of any kind; each is as likely.")
      .meta({ examples: [["relu", "tanh"]] }),
  }),
]);

/** A checked distribution. */
export type Distribution = z.infer<typeof distributionSchema>;

/** A checked `quantised` distribution. */
export type Quantised = z.infer<typeof quantised>;

/** The rule also runs for values of other kinds, which have their own issue. */
function isAscending(bounds: readonly unknown[]): boolean {
  if (!Array.isArray(bounds)) return true;
  const [low, high]: readonly unknown[] = bounds;
  return typeof low !== "number" || typeof high !== "number" || low < high;
}
