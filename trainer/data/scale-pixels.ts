import type { ChannelStatistics } from "./channel-statistics.ts";
import type { Image } from "./image.ts";

/** Writes an image's scaled values into a batch. @param target of the image's length */
export type PixelScale = (image: Image, target: Float32Array) => void;

// What Keras code computes with `images.astype("float32") / 255`: the nearest float32 of each quotient.
const unitValues = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** Pixels as 0…1. */
export const scaleToUnit: PixelScale = ({ values }, target) => {
  if (values instanceof Uint8Array) {
    for (let index = 0; index < values.length; index++) target[index] = unitValues[values[index] ?? 0] ?? 0;
  } else {
    for (let index = 0; index < values.length; index++) target[index] = (values[index] ?? 0) / 255;
  }
};

/** Pixels as they are, 0…255. */
export const keepPixels: PixelScale = ({ values }, target) => target.set(values);

/** Pixels less their channel's mean, divided by its standard deviation; a repeated grey channel keeps its statistics. */
export function standardizeBy({ means, standardDeviations }: ChannelStatistics): PixelScale {
  return ({ values, channels }, target) => {
    for (let index = 0; index < values.length; index++) {
      const channel = means.length === 1 ? 0 : index % channels;
      target[index] = ((values[index] ?? 0) - (means[channel] ?? 0)) / (standardDeviations[channel] ?? 1);
    }
  };
}
