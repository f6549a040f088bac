import { z } from "zod";
import { activationSchema } from "./activation.ts";
import { kernelAndBias, name, positiveInteger } from "./layer-fields.ts";

/** Parameters of `dense`. */
export const denseParameters = z.strictObject({
  name,
  units: positiveInteger.describe("Number of outputs.").meta({ examples: [128] }),
  ...kernelAndBias,
});

/** Parameters of `activation`. */
export const activationParameters = z.strictObject({
  name,
  activation: activationSchema.describe("Activation function.").meta({ examples: ["relu"] }),
});

/** Parameters of `flatten`. */
export const flattenParameters = z.strictObject({ name });

const nonNegative = z.int().min(0);
const sides = z.tuple([nonNegative, nonNegative]);

/** Parameters of `zeroPadding2d`. */
export const zeroPadding2dParameters = z.strictObject({
  name,
  padding: z
    .union([nonNegative, sides, z.tuple([sides, sides])])
    .prefault(1)
    .transform(writeSidesOut)
    .describe("Zeros at each side: one number, [vertical, horizontal], or [[top, bottom], [left, right]].")
    .meta({ examples: [1, [1, 2]] }),
});

type Sides = readonly [first: number, last: number];

function writeSidesOut(value: number | Sides | readonly [Sides, Sides]): readonly [vertical: Sides, horizontal: Sides] {
  const [vertical, horizontal] = typeof value === "number" ? [value, value] : value;
  return [toSides(vertical), toSides(horizontal)];
}

function toSides(value: number | Sides): Sides {
  return typeof value === "number" ? [value, value] : value;
}
