import { z } from "zod";

const positiveInteger = z.int().min(1);
const side = positiveInteger.max(16_384);

const size = (height: number, width: number) => ({
  height: side.describe("Height of the result in pixels.").meta({ examples: [height] }),
  width: side.describe("Width of the result in pixels.").meta({ examples: [width] }),
});

const preprocessStep = z.union([
  z.strictObject({
    resize: z
      .strictObject(size(224, 224))
      .describe("Bilinear resize without keeping the aspect ratio, as tf.image.resize (half-pixel centres)."),
  }),
  z.strictObject({
    resizeWithPad: z
      .strictObject(size(224, 224))
      .describe("Bilinear resize that keeps the aspect ratio and fills up with zeros, as tf.image.resize_with_pad."),
  }),
  z.strictObject({
    centerCrop: z.strictObject(size(24, 24)).describe("The middle of the image; it must be at least as large."),
  }),
  z.strictObject({
    repeatChannels: positiveInteger
      .min(2)
      .max(16)
      .describe("Repeat the channel of grey images so many times, as networks for colour images need.")
      .meta({ examples: [3] }),
  }),
]);

/** A checked step of `data.preprocess`. */
export type PreprocessStep = z.infer<typeof preprocessStep>;

const augmentStep = z.union([
  z.strictObject({
    flip: z.enum(["horizontal", "vertical"]).describe("Mirror every second image, on average: left-right or up-down."),
  }),
  z.strictObject({
    shiftCrop: z
      .strictObject({
        padding: positiveInteger
          .describe("Pixels of black added on every side; must be smaller than the image.")
          .meta({ examples: [4] }),
      })
      .describe("Add a black border and cut the image's size out at a random place."),
  }),
  z.strictObject({
    rotate: z
      .strictObject({
        degrees: z
          .number()
          .gt(0)
          .max(180)
          .describe("Largest angle to either side in degrees, 0 < x ≤ 180.")
          .meta({ examples: [15] }),
      })
      .describe("Turn by a random angle about the middle, bilinear, black outside."),
  }),
  z.strictObject({
    cutout: z
      .strictObject({
        size: positiveInteger.describe("Side of the square in pixels; at most the image's.").meta({ examples: [8] }),
      })
      .describe("Blacken a square around a random pixel; what lies outside the image is cut off."),
  }),
]);

/** A checked step of `data.augment`. */
export type AugmentStep = z.infer<typeof augmentStep>;

/** `data.scale`. */
export const scaleSchema = z
  .enum(["unit", "none", "standardize"])
  .optional()
  .describe(
    "Pixels as 0…1 (unit, the default), 0…255 (none), or per channel (x − mean) / sd of the training part (standardize).",
  );

/** `data.preprocess`. */
export const preprocessSchema = z
  .array(preprocessStep)
  .max(16)
  .optional()
  .describe("What is done to every image, in this order, before it is scaled. Default: nothing.")
  .meta({ examples: [[{ resizeWithPad: { height: 224, width: 224 } }]] });

/** `data.augment`. */
export const augmentSchema = z
  .array(augmentStep)
  .max(16)
  .optional()
  .describe("Random changes to training images, in this order, drawn from (seed, epoch, example). Default: none.")
  .meta({ examples: [[{ flip: "horizontal" }]] });
