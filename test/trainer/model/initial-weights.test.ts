import { describe, expect, test } from "vitest";
import { randomStream } from "../../../src/plan/random.ts";
import type { Initializer } from "../../../src/spec/schema/initializer.ts";
import { drawWeights, initialWeights } from "../../../trainer/model/initial-weights.ts";
import { planModel } from "../plan-model.ts";

// A conv2d kernel: fan-in 3·3·40 = 360, fan-out 3·3·60 = 540.
const kernelShape = [3, 3, 40, 60];

function statistics(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean,
    stddev: Math.sqrt(variance),
    largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

describe("drawn weights have the spread of Keras' initialiser", () => {
  // Uniform in ±limit: deviation limit/√3. Truncated normals end at 2 deviations of the normal that is cut off.
  test.each<[Initializer, { stddev: number; limit: number }]>([
    [{ type: "glorotUniform" }, { stddev: Math.sqrt(2 / 900), limit: Math.sqrt(6 / 900) }],
    [{ type: "heUniform" }, { stddev: Math.sqrt(2 / 360), limit: Math.sqrt(6 / 360) }],
    [{ type: "lecunUniform" }, { stddev: Math.sqrt(1 / 360), limit: Math.sqrt(3 / 360) }],
    [{ type: "glorotNormal" }, { stddev: Math.sqrt(2 / 900), limit: (2 * Math.sqrt(2 / 900)) / 0.87962566103423978 }],
    [{ type: "heNormal" }, { stddev: Math.sqrt(2 / 360), limit: (2 * Math.sqrt(2 / 360)) / 0.87962566103423978 }],
    [{ type: "lecunNormal" }, { stddev: Math.sqrt(1 / 360), limit: (2 * Math.sqrt(1 / 360)) / 0.87962566103423978 }],
    [
      { type: "randomUniform", minval: -0.05, maxval: 0.05 },
      { stddev: 0.05 / Math.sqrt(3), limit: 0.05 },
    ],
    [
      { type: "truncatedNormal", mean: 0, stddev: 0.05 },
      { stddev: 0.05 * 0.87962566103423978, limit: 0.1 },
    ],
    [
      { type: "randomNormal", mean: 0, stddev: 0.05 },
      { stddev: 0.05, limit: 0.3 },
    ],
  ])("%o", (initializer, expected) => {
    const values = drawWeights(initializer, kernelShape, randomStream(1, 2, 3));

    const { mean, stddev, largest } = statistics(values);
    expect(values.length).toBe(21_600);
    expect(Math.abs(mean)).toBeLessThan(0.03 * expected.stddev);
    expect(stddev / expected.stddev).toBeCloseTo(1, 1.9);
    expect(largest).toBeLessThanOrEqual(Math.fround(expected.limit) * (1 + 1e-6));
  });

  test("a normal that isn't truncated reaches beyond two deviations", () => {
    const values = drawWeights({ type: "randomNormal", mean: 0, stddev: 0.05 }, kernelShape, randomStream(1, 2, 3));

    // 4.55 % of 21,600 = 983.
    const beyond = values.filter((value) => Math.abs(value) > 0.1).length;
    expect(beyond).toBeGreaterThan(850);
    expect(beyond).toBeLessThan(1120);
  });

  test("mean and range are taken into account", () => {
    const normal = drawWeights({ type: "randomNormal", mean: 3, stddev: 0.1 }, [5000], randomStream(1));
    const uniform = drawWeights({ type: "randomUniform", minval: 2, maxval: 4 }, [5000], randomStream(1));

    expect(statistics(normal).mean).toBeCloseTo(3, 1.5);
    expect(uniform.every((value) => value >= 2 && value < 4)).toBe(true);
    expect(statistics(uniform).mean).toBeCloseTo(3, 1.2);
  });

  test("constants are constant", () => {
    expect([...drawWeights({ type: "zeros" }, [2], randomStream(1))]).toEqual([0, 0]);
    expect([...drawWeights({ type: "ones" }, [2], randomStream(1))]).toEqual([1, 1]);
    expect([...drawWeights({ type: "constant", value: 0.25 }, [2], randomStream(1))]).toEqual([0.25, 0.25]);
  });

  test("a bias counts as many inputs as outputs", () => {
    const values = drawWeights({ type: "glorotUniform" }, [6000], randomStream(1));

    // limit = √(6 / (6000 + 6000))
    expect(statistics(values).largest).toBeCloseTo(Math.sqrt(6 / 12_000), 5);
  });
});

describe("the initial weights of a model", () => {
  const model = planModel(
    [2, 2, 1],
    "[{conv2d: {filters: 2, kernelSize: 2}}, flatten, {dense: {units: 3, activation: softmax}}]",
  );

  test("have names and shapes in layer order", () => {
    const weights = initialWeights(model, 1).map(({ name, shape }) => ({ name, shape }));

    expect(weights).toEqual([
      { name: "conv2d_1/kernel", shape: [2, 2, 1, 2] },
      { name: "conv2d_1/bias", shape: [2] },
      { name: "dense_1/kernel", shape: [2, 3] },
      { name: "dense_1/bias", shape: [3] },
    ]);
  });

  test("are the same for the same seed, and others for another", () => {
    const [first, again, other] = [initialWeights(model, 1), initialWeights(model, 1), initialWeights(model, 2)];

    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  // Golden values of our own generator: a change makes every trial's result differ and needs a new results version.
  test("never change from version to version", () => {
    const [kernel] = initialWeights(model, 1);
    const normal = drawWeights({ type: "heNormal" }, [2, 2], randomStream(1));

    expect(kernel?.values).toEqual(
      Float32Array.of(
        -0.50989234,
        -0.46384326,
        -0.03635562,
        0.05762654,
        0.5168626,
        -0.08344941,
        0.53274494,
        0.42666772,
      ),
    );
    expect(normal).toEqual(Float32Array.of(0.07760361, -1.218163, -1.3153746, -0.3495836));
  });

  test("of a layer don't depend on the size of the layers before it", () => {
    const wide = planModel(
      [2, 2, 1],
      "[{conv2d: {filters: 2, kernelSize: 1}}, flatten, {dense: {units: 3, activation: softmax, kernelInitializer: randomNormal}}]",
    );
    const narrow = planModel(
      [2, 2, 1],
      "[{conv2d: {filters: 2, kernelSize: 2}}, flatten, {dense: {units: 3, activation: softmax, kernelInitializer: randomNormal}}]",
    );

    const [first, second] = [wide, narrow].map((planned) => initialWeights(planned, 5).at(-2)?.values);

    expect(first?.slice(0, 6)).toEqual(second?.slice(0, 6));
  });

  test("leave the bias out where there is none", () => {
    const biasless = planModel([3], "[{dense: {units: 2, useBias: false, activation: softmax}}]");

    expect(initialWeights(biasless, 1).map(({ name }) => name)).toEqual(["dense_1/kernel"]);
  });
});
