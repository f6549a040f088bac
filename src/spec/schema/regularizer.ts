import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const factor = (of: string) =>
  z
    .number()
    .nonnegative()
    .optional()
    .describe(`Factor of the sum of ${of} in the loss; default 0.`)
    .meta({ examples: [0.0001] });

/** What large weights cost: added to every reported loss of a model that is trained with it, as Keras does. */
export const regularizerSchema = z
  .strictObject({ l1: factor("absolute weights"), l2: factor("squared weights") })
  .refine(
    ({ l1, l2 }) => l1 !== undefined || l2 !== undefined,
    ruleBetweenFields({
      at: [],
      code: "no-factor",
      message: "got neither `l1` nor `l2`, expected at least one of them",
      fix: "write e.g. `{ l2: 0.0001 }`, or remove the regularizer",
      absent: ["l1", "l2"],
    }),
  )
  .meta({ examples: [{ l2: 0.0001 }] });

/** A checked regularizer. */
export type Regularizer = z.infer<typeof regularizerSchema>;
