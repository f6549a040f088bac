import { z } from "zod";
import { name, padding, pair } from "./layer-fields.ts";

/** Parameters of `maxPooling2d` and `averagePooling2d`. */
export const poolParameters = z.strictObject({
  name,
  poolSize: pair.prefault(2).describe("Height and width of the window: one number or [height, width]."),
  strides: pair.optional().describe("Step of the window; default: its size."),
  padding,
});

/** Parameters of `globalMaxPooling2d` and `globalAveragePooling2d`: one number per channel. */
export const globalPoolParameters = z.strictObject({ name });
