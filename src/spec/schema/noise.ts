import { z } from "zod";
import { name } from "./layer-fields.ts";

const rate = (of: string) =>
  z
    .number()
    .min(0)
    .lt(1)
    .describe(`Fraction of the ${of} set to 0 while training, 0 ≤ rate < 1.`)
    .meta({ examples: [0.5] });

/** Parameters of `dropout`. */
export const dropoutParameters = z.strictObject({ name, rate: rate("inputs") });

/** Parameters of `spatialDropout2d`: whole channels are dropped. */
export const spatialDropout2dParameters = z.strictObject({ name, rate: rate("channels") });

/** Parameters of `gaussianNoise`. */
export const gaussianNoiseParameters = z.strictObject({
  name,
  stddev: z
    .number()
    .min(0)
    .describe("Standard deviation of the noise that is added while training.")
    .meta({ examples: [0.1] }),
});
