import type { Examples } from "../../src/dataset/dataset.ts";
import { DataError } from "./data-error.ts";
import { forEachImage, type StoredShape } from "./image-source.ts";

/** Mean and standard deviation of each channel's pixel values, 0…255. */
export interface ChannelStatistics {
  readonly means: readonly number[];
  readonly standardDeviations: readonly number[];
}

/**
 * Mean and standard deviation (of the population) of each channel over all pixels of some examples, as they are stored.
 * Pixels are counted by value, so the result is exact to the last rounding and no order of the examples changes it.
 * @param chosen indexes of the examples
 * @throws DataError if a channel has one value everywhere: nothing can be divided by its deviation, 0
 */
export async function channelStatistics(
  examples: Examples,
  shape: StoredShape,
  chosen: Uint32Array,
): Promise<ChannelStatistics> {
  const channels = shape[2];
  const counts = new Float64Array(channels * 256);
  await forEachImage(examples, shape, chosen, ({ values }) => {
    for (let index = 0; index < values.length; index++) {
      const cell = (index % channels) * 256 + (values[index] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  });
  const byChannel = Array.from({ length: channels }, (_, channel) =>
    describeCounts(counts.subarray(channel * 256, (channel + 1) * 256)),
  );
  const constant = byChannel.findIndex(({ standardDeviation }) => standardDeviation === 0);
  if (constant !== -1) throw constantChannel(constant, byChannel[constant]?.mean ?? 0, chosen.length);
  return {
    means: byChannel.map(({ mean }) => mean),
    standardDeviations: byChannel.map(({ standardDeviation }) => standardDeviation),
  };
}

/** @param counts how often each value 0…255 occurs */
function describeCounts(counts: Float64Array): { readonly mean: number; readonly standardDeviation: number } {
  const count = counts.reduce((sum, times) => sum + times, 0);
  const mean = counts.reduce((sum, times, value) => sum + times * value, 0) / count;
  const variance = counts.reduce((sum, times, value) => sum + times * (value - mean) ** 2, 0) / count;
  return { mean, standardDeviation: Math.sqrt(variance) };
}

function constantChannel(channel: number, value: number, count: number): DataError {
  return new DataError(
    `channel ${channel + 1} of the ${count} training images has the value ${value} everywhere: its standard deviation ` +
      "is 0, and data.scale: standardize would divide by it. Use scale: unit, or other images.",
  );
}
