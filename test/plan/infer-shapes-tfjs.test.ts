import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import { type Layer, modelSchema } from "../../src/spec/schema/layer.ts";

// The independent source of truth: models are only built, nothing is computed.

const size = (max: number) => fc.integer({ min: 1, max });
const pair = (max: number) => fc.oneof(size(max), fc.tuple(size(max), size(max)));
const padding = fc.constantFrom("valid", "same");
const activation = fc.constantFrom("linear", "relu", "tanh", "sigmoid", "softmax");

const conv2d = fc
  .record({ filters: size(6), kernelSize: pair(5), padding, activation, useBias: fc.boolean() })
  .chain((fixed) =>
    fc.oneof(
      pair(4).map((strides) => ({ conv2d: { ...fixed, strides } })),
      pair(4).map((dilationRate) => ({ conv2d: { ...fixed, dilationRate } })),
    ),
  );
const pool = fc
  .record({ poolSize: pair(4), strides: pair(4), padding }, { requiredKeys: ["padding"] })
  .chain((parameters) => fc.constantFrom({ maxPooling2d: parameters }, { averagePooling2d: parameters }));
const anywhere = fc.oneof(
  fc.constant({ dropout: { rate: 0.5 } }),
  activation.map((name) => ({ activation: { activation: name } })),
);
const dense = fc
  .record({ units: size(12), activation, useBias: fc.boolean() })
  .map((parameters) => ({ dense: parameters }));

const imageLayers = fc.array(fc.oneof({ weight: 3, arbitrary: conv2d }, { weight: 2, arbitrary: pool }, anywhere), {
  maxLength: 6,
});
// Dense layers only after a flatten: Keras takes them on images, we refuse (see infer-shapes.test.ts).
const flatLayers = fc.array(fc.oneof({ weight: 8, arbitrary: dense }, anywhere, conv2d, fc.constant("flatten")), {
  maxLength: 4,
});
const architecture = fc
  .tuple(imageLayers, flatLayers, fc.boolean())
  .map(([images, flat, isFlattened]) => (isFlattened ? [...images, "flatten", ...flat] : images))
  .filter((layers) => layers.length > 0);
const inputShape = fc.tuple(size(32), size(32), size(4));

beforeAll(async () => {
  await tfc.setBackend("cpu");
});

function toTfjs(layer: Layer): tfl.layers.Layer {
  const weights = { kernelInitializer: "zeros", biasInitializer: "zeros" } as const;
  switch (layer.type) {
    case "conv2d":
      return tfl.layers.conv2d({
        filters: layer.filters,
        kernelSize: toMutable(layer.kernelSize),
        strides: toMutable(layer.strides),
        dilationRate: toMutable(layer.dilationRate),
        padding: layer.padding,
        activation: layer.activation,
        useBias: layer.useBias,
        ...weights,
      });
    case "maxPooling2d":
    case "averagePooling2d":
      return tfl.layers[layer.type]({
        poolSize: toMutable(layer.poolSize),
        padding: layer.padding,
        ...(layer.strides && { strides: toMutable(layer.strides) }),
      });
    case "dense":
      return tfl.layers.dense({ units: layer.units, activation: layer.activation, useBias: layer.useBias, ...weights });
    case "flatten":
      return tfl.layers.flatten();
    case "dropout":
      return tfl.layers.dropout({ rate: layer.rate });
    case "activation":
      return tfl.layers.activation({ activation: layer.activation });
    default:
      return layer satisfies never;
  }
}

function toMutable([vertical, horizontal]: readonly [number, number]): [number, number] {
  return [vertical, horizontal];
}

interface Built {
  readonly shapes: readonly (readonly (number | null)[])[];
  readonly parameterCounts: readonly number[];
}

/** Builds the model layer by layer with tfjs-layers. */
function buildWithTfjs(layers: readonly Layer[], inputShape: readonly number[]): Built {
  try {
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [...inputShape] })] });
    const built = layers.map((layer) => {
      const tfjsLayer = toTfjs(layer);
      model.add(tfjsLayer);
      return tfjsLayer;
    });
    const shapes = built.map((layer) => toShape(layer.outputShape).slice(1));
    return { shapes, parameterCounts: built.map((layer) => layer.countParams()) };
  } finally {
    tfc.disposeVariables();
  }
}

function toShape(shape: tfl.Shape | tfl.Shape[]): readonly (number | null)[] {
  return shape.flatMap((part) => part);
}

/** Whether tfjs refuses the model as well, or would let nothing through. */
function isImpossibleForTfjs(layers: readonly Layer[], inputShape: readonly number[]): boolean {
  try {
    return buildWithTfjs(layers, inputShape).shapes.some((shape) => shape.some((axis) => axis === null || axis < 1));
  } catch {
    return true;
  }
}

describe("own arithmetic against tfjs-layers", () => {
  test("shapes and parameter counts of random models are those of tfjs, and what is refused can't be built there", () => {
    let [plannedModels, refusedModels] = [0, 0];

    fc.assert(
      fc.property(architecture, inputShape, (layers, input) => {
        const model = modelSchema.parse({ layers });
        const inferred = inferShapes(model, input);
        const unfolded = inferred.layers.map(({ layer }) => layer);
        if (!inferred.planned) {
          refusedModels++;
          expect(isImpossibleForTfjs(unfolded, input)).toBe(true);
          return;
        }
        plannedModels++;
        const expected = buildWithTfjs(unfolded, input);
        expect(inferred.planned.layers.map((layer) => layer.outputShape)).toEqual(expected.shapes);
        expect(inferred.planned.layers.map((layer) => layer.parameterCount)).toEqual(expected.parameterCounts);
      }),
      { numRuns: 400, seed: 3 },
    );

    // Both sides of the law have really been tried.
    expect(Math.min(plannedModels, refusedModels)).toBeGreaterThan(50);
  });
});
