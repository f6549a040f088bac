import { describe, expect, test } from "vitest";
import { channelStatistics } from "../../../trainer/data/channel-statistics.ts";
import { scaleToUnit, standardizeBy } from "../../../trainer/data/scale-pixels.ts";

// Three images of 1×2 pixels with two channels.
const examples = {
  images: Uint8Array.of(0, 10, 4, 10, 8, 30, 4, 30, 255, 0, 255, 255),
  labels: Uint8Array.of(0, 1, 0),
  count: 3,
};
const shape = [1, 2, 2] as const;

describe("the statistics of channels", () => {
  test("are mean and deviation over the chosen examples only", async () => {
    const { means, standardDeviations } = await channelStatistics(examples, shape, Uint32Array.of(0, 1));

    expect(means).toEqual([4, 20]);
    expect(standardDeviations).toEqual([Math.sqrt(8), 10]);
  });

  test("are the same in any order of the examples", async () => {
    expect(await channelStatistics(examples, shape, Uint32Array.of(2, 0, 1))).toEqual(
      await channelStatistics(examples, shape, Uint32Array.of(0, 1, 2)),
    );
  });

  test("refuse a channel that has one value everywhere, and say which", async () => {
    await expect(channelStatistics(examples, [1, 4, 1], Uint32Array.of(0))).resolves.toBeDefined();
    const constant = { ...examples, images: Uint8Array.of(1, 7, 2, 7), count: 1 };

    await expect(channelStatistics(constant, shape, Uint32Array.of(0))).rejects.toThrow(
      "channel 2 of the 1 training images has the value 7 everywhere: its standard deviation is 0, and data.scale: standardize would divide by it. Use scale: unit, or other images.",
    );
  });
});

describe("scaled pixels", () => {
  test("are standardised with their channel's statistics", () => {
    const target = new Float32Array(4);

    standardizeBy({ means: [4, 20], standardDeviations: [2, 10] })(
      { height: 1, width: 2, channels: 2, values: Uint8Array.of(0, 10, 4, 30) },
      target,
    );

    expect([...target]).toEqual([-2, -1, 0, 1]);
  });

  test("of a repeated grey channel all have the grey channel's statistics", () => {
    const target = new Float32Array(3);

    standardizeBy({ means: [10], standardDeviations: [5] })(
      { height: 1, width: 1, channels: 3, values: Float32Array.of(20, 20, 20) },
      target,
    );

    expect([...target]).toEqual([2, 2, 2]);
  });

  test("are the same from bytes and from whole floats", () => {
    const values = Array.from({ length: 256 }, (_, value) => value);
    const [bytes, floats] = [new Float32Array(256), new Float32Array(256)];

    scaleToUnit({ height: 1, width: 256, channels: 1, values: Uint8Array.from(values) }, bytes);
    scaleToUnit({ height: 1, width: 256, channels: 1, values: Float32Array.from(values) }, floats);

    expect(bytes).toEqual(floats);
  });
});
