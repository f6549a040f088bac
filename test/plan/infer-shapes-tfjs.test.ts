import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import type { Activation } from "../../src/spec/schema/activation.ts";
import { type Layer, modelSchema } from "../../src/spec/schema/layer.ts";

// The independent source of truth: models are only built, nothing is computed.

const size = (max: number) => fc.integer({ min: 1, max });
const pair = (max: number) => fc.oneof(size(max), fc.tuple(size(max), size(max)));
const padding = fc.constantFrom("valid", "same");
const activation = fc.constantFrom("linear", "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "gelu", "swish");
const sides = fc.nat({ max: 3 });

const conv2d = fc
  .record({ filters: size(6), kernelSize: pair(5), padding, activation, useBias: fc.boolean() })
  .chain((fixed) =>
    fc.oneof(
      pair(4).map((strides) => ({ conv2d: { ...fixed, strides } })),
      pair(4).map((dilationRate) => ({ conv2d: { ...fixed, dilationRate } })),
    ),
  );
const depthwise = {
  kernelSize: pair(5),
  strides: size(4),
  padding,
  depthMultiplier: size(3),
  activation,
  useBias: fc.boolean(),
};
const channelwise = fc.oneof(
  fc.record({ filters: size(6), ...depthwise }).map((parameters) => ({ separableConv2d: parameters })),
  fc.record(depthwise).map((parameters) => ({ depthwiseConv2d: parameters })),
);
const pool = fc
  .record({ poolSize: pair(4), strides: pair(4), padding }, { requiredKeys: ["padding"] })
  .chain((parameters) => fc.constantFrom({ maxPooling2d: parameters }, { averagePooling2d: parameters }));
const zeroPadding2d = fc
  .oneof(sides, fc.tuple(sides, sides), fc.tuple(fc.tuple(sides, sides), fc.tuple(sides, sides)))
  .map((padding) => ({ zeroPadding2d: { padding } }));
const normalization = fc
  .record({ center: fc.boolean(), scale: fc.boolean() })
  .chain((parameters) =>
    fc.constantFrom({ batchNormalization: parameters }, { layerNormalization: parameters }, "batchNormalization"),
  );
const anywhere = fc.oneof(
  fc.constant({ dropout: { rate: 0.5 } }),
  fc.constant({ gaussianNoise: { stddev: 0.1 } }),
  activation.map((name) => ({ activation: { activation: name } })),
  normalization,
);
const imageOnly = fc.oneof(conv2d, channelwise, pool, zeroPadding2d);
// tfjs has no such layer: that it is refused on rows is tested in infer-shapes.test.ts.
const spatialDropout2d = fc.constant({ spatialDropout2d: { rate: 0.5 } });
const dense = fc
  .record({ units: size(12), activation, useBias: fc.boolean() })
  .map((parameters) => ({ dense: parameters }));

const imageLayers = fc.array(fc.oneof({ weight: 5, arbitrary: imageOnly }, anywhere, spatialDropout2d), {
  maxLength: 6,
});
const toRow = fc.constantFrom("flatten", "globalMaxPooling2d", "globalAveragePooling2d");
// Dense layers only after a flatten: Keras takes them on images, we refuse (see infer-shapes.test.ts).
const flatLayers = fc.array(fc.oneof({ weight: 8, arbitrary: dense }, anywhere, imageOnly, toRow), { maxLength: 4 });
const architecture = fc
  .tuple(imageLayers, flatLayers, fc.option(toRow))
  .map(([images, flat, row]) => (row === null ? images : [...images, row, ...flat]))
  .filter((layers) => layers.length > 0);
const inputShape = fc.tuple(size(32), size(32), size(4));

beforeAll(async () => {
  await tfc.setBackend("cpu");
});

function toTfjs(layer: Layer): tfl.layers.Layer {
  const weights = { kernelInitializer: "zeros", biasInitializer: "zeros" } as const;
  const channelwise = { depthwiseInitializer: "zeros", biasInitializer: "zeros" } as const;
  switch (layer.type) {
    case "conv2d":
      return tfl.layers.conv2d({
        filters: layer.filters,
        dilationRate: toMutable(layer.dilationRate),
        ...kernelArguments(layer),
        ...weights,
      });
    case "separableConv2d":
      return tfl.layers.separableConv2d({
        filters: layer.filters,
        depthMultiplier: layer.depthMultiplier,
        ...kernelArguments(layer),
        ...channelwise,
      });
    case "depthwiseConv2d":
      return tfl.layers.depthwiseConv2d({
        depthMultiplier: layer.depthMultiplier,
        ...kernelArguments(layer),
        ...channelwise,
      });
    case "maxPooling2d":
    case "averagePooling2d":
      return tfl.layers[layer.type]({
        poolSize: toMutable(layer.poolSize),
        padding: layer.padding,
        ...(layer.strides && { strides: toMutable(layer.strides) }),
      });
    case "globalMaxPooling2d":
    case "globalAveragePooling2d":
      return tfl.layers[layer.type]({});
    case "zeroPadding2d": {
      const [vertical, horizontal] = layer.padding;
      return tfl.layers.zeroPadding2d({ padding: [toMutable(vertical), toMutable(horizontal)] });
    }
    case "dense":
      return tfl.layers.dense({
        units: layer.units,
        activation: functionOf(layer.activation),
        useBias: layer.useBias,
        ...weights,
      });
    case "flatten":
      return tfl.layers.flatten();
    case "batchNormalization":
    case "layerNormalization":
      return tfl.layers[layer.type]({ center: layer.center, scale: layer.scale });
    case "dropout":
    case "spatialDropout2d":
      return tfl.layers.dropout({ rate: layer.rate });
    case "gaussianNoise":
      return tfl.layers.gaussianNoise({ stddev: layer.stddev });
    case "activation":
      return tfl.layers.activation({ activation: functionOf(layer.activation) });
    case "add":
    case "concatenate":
      throw new Error("no branches here");
    default:
      return layer satisfies never;
  }
}

function kernelArguments(layer: Extract<Layer, { type: "conv2d" | "separableConv2d" | "depthwiseConv2d" }>) {
  return {
    kernelSize: toMutable(layer.kernelSize),
    strides: toMutable(layer.strides),
    padding: layer.padding,
    activation: functionOf(layer.activation),
    useBias: layer.useBias,
  };
}

function functionOf(activation: Activation) {
  if (typeof activation !== "string" || activation === "leakyRelu") throw new Error("tfjs has it only as a layer");
  return activation;
}

function toMutable([vertical, horizontal]: readonly [number, number]): [number, number] {
  return [vertical, horizontal];
}

interface Built {
  readonly shapes: readonly (readonly (number | null)[])[];
  readonly parameterCounts: readonly number[];
  /** Of all layers together. */
  readonly nonTrainableCount: number;
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
    const count = (weights: readonly tfl.LayerVariable[]) =>
      weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, axis) => product * (axis ?? 0), 1), 0);
    return {
      shapes,
      parameterCounts: built.map((layer) => count(layer.trainableWeights)),
      nonTrainableCount: count(built.flatMap((layer) => layer.nonTrainableWeights)),
    };
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
        expect(inferred.planned.nonTrainableCount ?? 0).toBe(expected.nonTrainableCount);
      }),
      { numRuns: 500, seed: 3 },
    );

    // Both sides of the law have really been tried.
    expect(Math.min(plannedModels, refusedModels)).toBeGreaterThan(50);
  });
});
