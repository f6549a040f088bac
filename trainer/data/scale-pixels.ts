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
  const tables = means.map((mean, channel) => {
    const deviation = standardDeviations[channel] ?? 1;
    return Float32Array.from({ length: 256 }, (_, value) => (value - mean) / deviation);
  });
  return ({ values, channels }, target) => {
    for (let channel = 0; channel < channels; channel++) {
      const own = means.length === 1 ? 0 : channel;
      const [mean, deviation, table] = [means[own] ?? 0, standardDeviations[own] ?? 1, tables[own]];
      if (values instanceof Uint8Array && table !== undefined)
        for (let index = channel; index < values.length; index += channels)
          target[index] = table[values[index] ?? 0] ?? 0;
      else
        for (let index = channel; index < values.length; index += channels)
          target[index] = ((values[index] ?? 0) - mean) / deviation;
    }
  };
}
