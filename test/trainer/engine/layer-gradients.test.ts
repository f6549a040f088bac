import { beforeAll, describe, expect, test } from "vitest";
import type { Optimizer } from "../../../src/spec/schema/training.ts";
import type { Engine, EngineModel, ModelState } from "../../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { planModel } from "../plan-model.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine();
});

const sgd: Optimizer = { type: "sgd", learningRate: 1, momentum: 0, nesterov: false };
const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
const end = "flatten, {dense: {units: 3, activation: softmax}}";
const conv = "{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: tanh}}";

const batch = {
  size: 4,
  images: Float32Array.from({ length: 4 * 6 * 5 * 2 }, (_, index) => Math.sin(index * 1.7) * 0.8),
  labels: Int32Array.of(0, 1, 2, 0),
};

/** Every layer and option that has a gradient of its own, in front of or behind layers that have weights. */
const architectures: Readonly<Record<string, string>> = {
  "separableConv2d with a depth multiplier and strides": `[{separableConv2d: {filters: 3, kernelSize: 3, strides: 2, padding: same, depthMultiplier: 2, activation: tanh}}, {separableConv2d: {filters: 2, kernelSize: [2, 1]}}, ${end}]`,
  "depthwiseConv2d with a depth multiplier and strides": `[{depthwiseConv2d: {kernelSize: 3, strides: 2, padding: same, depthMultiplier: 3, activation: tanh}}, {depthwiseConv2d: {kernelSize: [2, 1], useBias: false}}, ${end}]`,
  "a dilated conv2d": `[{conv2d: {filters: 3, kernelSize: 2, dilationRate: [2, 3], padding: same, activation: tanh}}, {conv2d: {filters: 2, kernelSize: [3, 2], dilationRate: 2}}, ${end}]`,
  globalAveragePooling2d: `[${conv}, globalAveragePooling2d, {dense: {units: 3, activation: softmax}}]`,
  globalMaxPooling2d: `[${conv}, globalMaxPooling2d, {dense: {units: 3, activation: softmax}}]`,
  "zeroPadding2d with different sides": `[${conv}, {zeroPadding2d: {padding: [[0, 2], [1, 0]]}}, {conv2d: {filters: 2, kernelSize: 3, strides: 2}}, ${end}]`,
  "batchNormalization of images": `[${conv}, batchNormalization, {activation: {activation: tanh}}, ${conv}, ${end}]`,
  "batchNormalization of rows": `[flatten, {dense: {units: 5}}, {batchNormalization: {epsilon: 0.1}}, {activation: {activation: tanh}}, {dense: {units: 3, activation: softmax}}]`,
  "batchNormalization without offset": `[${conv}, {batchNormalization: {center: false}}, ${end}]`,
  "batchNormalization without factor": `[${conv}, {batchNormalization: {scale: false}}, ${end}]`,
  "batchNormalization without either": `[${conv}, {batchNormalization: {scale: false, center: false}}, ${end}]`,
  "a frozen batchNormalization": `[${conv}, {batchNormalization: {trainable: false}}, ${end}]`,
  "layerNormalization of images": `[${conv}, {layerNormalization: {epsilon: 0.01}}, ${end}]`,
  "layerNormalization of rows": `[flatten, {dense: {units: 5}}, layerNormalization, {dense: {units: 3, activation: softmax}}]`,
  "layerNormalization without offset and factor": `[${conv}, {layerNormalization: {center: false, scale: false, epsilon: 0.01}}, ${end}]`,
  spatialDropout2d: `[${conv}, {spatialDropout2d: {rate: 0.5}}, ${conv}, ${end}]`,
  gaussianNoise: `[${conv}, {gaussianNoise: {stddev: 0.3}}, ${conv}, ${end}]`,
  "a residual with its own input": `[${conv}, {residual: {layers: [${conv}, {conv2d: {filters: 4, kernelSize: 1}}], activation: tanh}}, ${end}]`,
  "a residual with a shortcut": `[{residual: {layers: [{conv2d: {filters: 3, kernelSize: 3, strides: 2, padding: same, activation: tanh}}, batchNormalization], shortcut: [{conv2d: {filters: 3, kernelSize: 1, strides: 2}}]}}, ${end}]`,
  "a concat of branches and the input": `[{concat: {branches: [[], [${conv}], [{conv2d: {filters: 1, kernelSize: 1}}, {averagePooling2d: {poolSize: 2, strides: 1, padding: same}}]]}}, ${conv}, ${end}]`,
  "a residual around a concat around a residual": `[${conv}, {residual: {layers: [{concat: {branches: [[{residual: {layers: [${conv}]}}], [${conv}]]}}, {conv2d: {filters: 4, kernelSize: 1}}]}}, ${end}]`,
  "l1 and l2 penalties": `[{conv2d: {filters: 2, kernelSize: 3, kernelRegularizer: {l1: 0.03}, biasRegularizer: {l2: 0.1}, activation: tanh}}, {separableConv2d: {filters: 2, kernelSize: 2, depthwiseRegularizer: {l2: 0.05}, pointwiseRegularizer: {l1: 0.02, l2: 0.03}}}, {depthwiseConv2d: {kernelSize: 2, depthwiseRegularizer: {l1: 0.01, l2: 0.1}}}, flatten, {dense: {units: 3, kernelRegularizer: {l2: 0.1}, activation: softmax}}]`,
  ...Object.fromEntries(
    ["leakyRelu", "{type: leakyRelu, negativeSlope: 0.4}", "elu", "selu", "gelu", "swish", "sigmoid"].flatMap(
      (activation) => [
        [`${activation} of a conv2d`, `[{conv2d: {filters: 4, kernelSize: 3, activation: ${activation}}}, ${end}]`],
        [
          `${activation} as a layer`,
          `[flatten, {dense: {units: 6}}, {activation: {activation: ${activation}}}, {dense: {units: 3, activation: softmax}}]`,
        ],
      ],
    ),
  ),
};

describe("a training step goes down the gradient that finite differences show, through", () => {
  test.each(Object.entries(architectures))("%s", (_, layers) => {
    const tensorsBefore = engine.tensorCount();
    const built = engine.buildModel({ model: planModel([6, 5, 2], layers), loss, optimizer: sgd, seed: 5 });
    const start = shaken(built.readState());
    built.writeState(start);
    built.trainStep(batch, { step: 3, learningRate: 1 });
    built.drainSteps();
    const after = built.readState();

    for (const [index, weight] of start.weights.entries()) {
      if (/moving|_frozen/.test(weight.name)) continue;
      for (let position = 0; position < weight.values.length; position += 1 + Math.floor(weight.values.length / 9)) {
        const slope = (weight.values[position] ?? 0) - (after.weights[index]?.values[position] ?? 0);
        if (layers.includes("trainable: false") && weight.name.startsWith("batch")) {
          expect(slope).toBe(0);
          continue;
        }
        const expected = differenceQuotient(built, start, { index, position });
        expect(Math.abs(slope - expected), `${weight.name}[${position}]: ${slope}, not ${expected}`).toBeLessThan(
          3e-4 + 0.01 * Math.abs(expected),
        );
      }
    }
    built.dispose();
    expect(engine.tensorCount()).toBe(tensorsBefore);
  });
});

/** Biases and factors that are not all alike. */
function shaken(state: ModelState): ModelState {
  const weights = state.weights.map((weight, index) => ({
    ...weight,
    values: weight.values.map((value, position) => value + 0.1 * Math.cos(index * 3 + position)),
  }));
  return { ...state, weights };
}

/** Of the loss while training, with the masks and noise of the same step. */
function differenceQuotient(
  built: EngineModel,
  state: ModelState,
  { index, position }: { readonly index: number; readonly position: number },
): number {
  const step = 1 / 1024;
  const lossAt = (shift: number): number => {
    const weights = state.weights.map((weight, each) =>
      each === index
        ? { ...weight, values: weight.values.with(position, (weight.values[position] ?? 0) + shift) }
        : weight,
    );
    built.writeState({ ...state, weights });
    built.trainStep(batch, { step: 3, learningRate: 0 });
    return built.drainSteps()[0]?.loss ?? NaN;
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}
