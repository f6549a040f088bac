import { z } from "zod";
import { describe, expect, test } from "vitest";
import { parseSection } from "../../src/spec/parse-section.ts";
import { experimentSchema } from "../../src/spec/schema/experiment.ts";
import { initializerSchema } from "../../src/spec/schema/initializer.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Every field of the language with its path. */
function* fields(schema: JsonSchema, path: string): Generator<readonly [path: string, field: JsonSchema]> {
  for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* fields(option, path);
  const { items, properties = {} } = schema;
  if (typeof items === "object" && !Array.isArray(items)) yield* fields(items, `${path}[]`);
  for (const [key, field] of Object.entries(properties)) {
    if (typeof field !== "object") continue;
    yield [`${path}.${key}`, field];
    yield* fields(field, `${path}.${key}`);
  }
}

describe("the language", () => {
  const whole = z.toJSONSchema(experimentSchema, { io: "input" });
  const all = [...fields(whole, ""), ...fields(whole.$defs?.["layerEntry"] ?? {}, "layer")];

  test("has a description for every field but the types that choose between maps", () => {
    // A layer is described by its type, a map's `type` by its values.
    const undescribed = all.filter(([path, field]) => {
      const isChoice = path.endsWith(".type") || /^layer\.\w+$/.test(path);
      return field.description === undefined && !isChoice;
    });

    expect(all.length).toBeGreaterThan(60);
    expect(undescribed.map(([path]) => path)).toEqual([]);
  });

  test("describes every field in at most 160 characters", () => {
    expect(all.filter(([, field]) => (field.description?.length ?? 0) > 160).map(([path]) => path)).toEqual([]);
  });
});

describe("Keras' names and defaults hold", () => {
  test("for early stopping, plateaus, restarts and averages", () => {
    const restarts = { firstSteps: 10 };
    const parse = (fields: object) => {
      const result = parseSection("training", { epochs: 1, ...fields });
      return "value" in result && result.value;
    };

    expect(parse({ earlyStopping: {}, ema: {}, learningRateSchedule: { type: "reduceOnPlateau" } })).toMatchObject({
      // Keras' patience 0 stops when its 1 does.
      earlyStopping: { monitor: "validationLoss", patience: 1, minDelta: 0, restoreBest: false },
      ema: { decay: 0.99 },
      learningRateSchedule: {
        monitor: "validationLoss",
        factor: 0.1,
        patience: 10,
        minDelta: 1e-4,
        cooldown: 0,
        minimum: 0,
      },
    });
    expect(parse({ learningRateSchedule: { type: "cosine", restarts } })).toMatchObject({
      learningRateSchedule: { minimum: 0, restarts: { multiplier: 2, factor: 1 } },
    });
  });

  test.each([
    ["zeros", { type: "zeros" }],
    ["heNormal", { type: "heNormal" }],
    ["randomNormal", { type: "randomNormal", mean: 0, stddev: 0.05 }],
    ["truncatedNormal", { type: "truncatedNormal", mean: 0, stddev: 0.05 }],
    ["randomUniform", { type: "randomUniform", minval: -0.05, maxval: 0.05 }],
  ])("for the initialiser %s, by name alone and as a map", (type, resolved) => {
    expect(initializerSchema.parse(type)).toEqual(resolved);
    expect(initializerSchema.parse({ type })).toEqual(resolved);
  });

  test("for constant, which is 0", () => {
    expect(initializerSchema.parse({ type: "constant" })).toEqual({ type: "constant", value: 0 });
  });

  test("for conv2d, dense and the pools", () => {
    const result = parseSection("model", {
      layers: [{ conv2d: { filters: 8, kernelSize: 3 } }, { maxPooling2d: {} }, { dense: { units: 10 } }],
    });

    const initializers = { kernelInitializer: { type: "glorotUniform" }, biasInitializer: { type: "zeros" } };
    expect("value" in result && result.value.layers).toEqual([
      {
        type: "conv2d",
        filters: 8,
        kernelSize: [3, 3],
        strides: [1, 1],
        padding: "valid",
        dilationRate: [1, 1],
        activation: "linear",
        useBias: true,
        ...initializers,
      },
      { type: "maxPooling2d", poolSize: [2, 2], padding: "valid" },
      { type: "dense", units: 10, activation: "linear", useBias: true, ...initializers },
    ]);
  });

  test.each([
    [{ type: "sgd" }, { type: "sgd", learningRate: 0.01, momentum: 0, nesterov: false }],
    [{ type: "adam" }, { type: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    [
      { type: "adamw" },
      { type: "adamw", learningRate: 0.001, weightDecay: 0.004, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    ],
    [
      { type: "rmsprop" },
      { type: "rmsprop", learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    ],
    [{ type: "adagrad" }, { type: "adagrad", learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 }],
  ])("for the optimizer %j", (optimizer, resolved) => {
    const result = parseSection("training", { epochs: 1, optimizer });

    expect("value" in result && result.value.optimizer).toEqual(resolved);
  });
});
