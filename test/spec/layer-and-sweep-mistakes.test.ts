import { describe, test } from "vitest";
import { expectMistake, type Mistake } from "./expect-mistake.ts";

const layerTypes =
  "conv2d, separableConv2d, depthwiseConv2d, maxPooling2d, averagePooling2d, globalMaxPooling2d, globalAveragePooling2d, zeroPadding2d, flatten, dense, batchNormalization, layerNormalization, dropout, spatialDropout2d, gaussianNoise, activation, repeat, residual, concat";
const asLayer = "expected a map with one key, the layer's type";

/** One layer of a model. */
const layer = (text: string) => `model:\n  layers:\n    - ${text}`;

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  layers: [
    [
      "a bare name where parameters are needed",
      "model",
      layer("▶dense"),
      "model.layers[0]",
      `got "dense" (string), ${asLayer}`,
      "write `- dense: { units: 128 }`",
    ],
    [
      "a layer in Keras' spelling",
      "model",
      layer("▶Conv2D: { filters: 8, kernelSize: 3 }"),
      "model.layers[0].Conv2D",
      `unknown layer type "Conv2D", expected one of ${layerTypes}`,
      "did you mean `conv2d`?",
    ],
    [
      "a layer in another framework's words",
      "model",
      layer("▶MaxPool2d: { poolSize: 2 }"),
      "model.layers[0].MaxPool2d",
      `unknown layer type "MaxPool2d", expected one of ${layerTypes}`,
      "did you mean `maxPooling2d`?",
    ],
    [
      "a layer that does not exist",
      "model",
      layer("▶lstm: { units: 8 }"),
      "model.layers[0].lstm",
      `unknown layer type "lstm", expected one of ${layerTypes}`,
      "use one of the types above",
    ],
    [
      "parameters that are not indented below their layer",
      "model",
      layer("▶dense:\n      units: 10"),
      "model.layers[0]",
      `got \`units\` beside \`dense\`, ${asLayer}`,
      "indent `units` further than `dense`: `- dense: { units: 10 }`",
    ],
    [
      "two layers in one entry",
      "model",
      layer("▶flatten: {}\n      dense: { units: 10 }"),
      "model.layers[0]",
      `got 2 layers in one entry (flatten, dense), ${asLayer}`,
      "start every layer with its own `-`",
    ],
    [
      "the layer's type as a field",
      "model",
      layer("▶{ type: Dense, units: 10 }"),
      "model.layers[0]",
      `got a map (keys: type, units), ${asLayer}`,
      "write the layer's type as the key: `- dense: { units: 128 }`",
    ],
    [
      "an empty map",
      "model",
      layer("▶{}"),
      "model.layers[0]",
      `got an empty map, ${asLayer}`,
      "write e.g. `- conv2d: { filters: 16, kernelSize: 3 }`",
    ],
    [
      "a colon with nothing behind it",
      "model",
      layer("▶flatten:"),
      "model.layers[0].flatten",
      "got nothing (an empty value), expected a map (keys: name)",
      "write `- flatten`",
    ],
    [
      "no layers",
      "model",
      "model: { layers: ▶[] }",
      "model.layers",
      "got an empty list, expected a list with at least one entry",
      "write e.g. `layers: [flatten, { dense: { units: 10, activation: softmax } }]`",
    ],
    [
      "a mistake inside a repeated group",
      "model",
      layer("repeat: { times: 2, layers: [{ ▶dens: { units: 10 } }] }"),
      "model.layers[0].repeat.layers[0].dens",
      `unknown layer type "dens", expected one of ${layerTypes}`,
      "did you mean `dense`?",
    ],
  ],
  "fields that contradict one another": [
    [
      "epochs and steps",
      "training",
      "training:\n  epochs: 5\n  steps: ▶100",
      "training.steps",
      "got `epochs` and `steps`, expected only one of them as the training budget",
      "remove `steps`, or remove `epochs`",
    ],
    [
      "Nesterov's momentum without momentum",
      "training",
      "training:\n  epochs: 5\n  optimizer: { type: sgd, nesterov: ▶true }",
      "training.optimizer.nesterov",
      "got `nesterov: true` without momentum; Nesterov's momentum needs `momentum` above 0",
      "add `momentum: 0.9`, or remove `nesterov`",
    ],
    [
      "a dilated kernel with strides",
      "model",
      layer("conv2d: { filters: 8, kernelSize: 3, strides: 2, dilationRate: ▶2 }"),
      "model.layers[0].conv2d.dilationRate",
      "got `dilationRate` above 1 together with `strides` above 1; a dilated kernel needs strides 1",
      "remove `strides`, or remove `dilationRate`",
    ],
    [
      "labels with a format that has only one kind of them",
      "data",
      "data:\n  dataset: { format: cifar10, folder: cifar, labels: ▶coarse }",
      "data.dataset.labels",
      "got `labels` with a format other than cifar100; only CIFAR-100 has two kinds of labels",
      "remove `labels`, or write `format: cifar100`",
    ],
    [
      "a range that ends below its start",
      "model",
      layer("dense: { units: 10, kernelInitializer: ▶{ type: randomUniform, minval: 0.1 } }"),
      "model.layers[0].dense.kernelInitializer",
      "got a lower end `minval` that is not below the upper end `maxval` (defaults: -0.05 and 0.05)",
      "give both, the smaller one as `minval`, e.g. `{ type: randomUniform, minval: -0.1, maxval: 0.1 }`",
    ],
  ],
  grids: [
    [
      "a single value",
      "sweep",
      "sweep:\n  grid:\n    training.optimizer.learningRate: ▶0.1",
      "sweep.grid.training.optimizer.learningRate",
      "got 0.1 (number), expected a list with at least one entry",
      "write a list: `training.optimizer.learningRate: [0.1]`",
    ],
    [
      "nested maps instead of a path",
      "sweep",
      "sweep:\n  grid:\n    training:\n      ▶batchSize: [32, 64]",
      "sweep.grid.training",
      "got a map (keys: batchSize), expected a list with at least one entry",
      "write the whole path as one key: `training.batchSize: [32, 64]`",
    ],
    [
      "no values",
      "sweep",
      "sweep:\n  grid:\n    training.batchSize: ▶[]",
      "sweep.grid.training.batchSize",
      "got an empty list, expected a list with at least one entry",
      'write e.g. `training.batchSize: ["first value", "second value"]`',
    ],
    [
      "an infinite value",
      "sweep",
      "sweep:\n  grid:\n    training.optimizer.learningRate: [0.1, ▶.inf]",
      "sweep.grid.training.optimizer.learningRate[1]",
      "got .inf (number), expected a number",
      "write a finite number; .nan and .inf are not allowed",
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s", (_, cases) => {
  test.each(cases)("%s", (_name, ...mistake) => expectMistake(mistake));
});
