import { describe, expect, test } from "vitest";
import { parseSection } from "../../src/spec/parse-section.ts";
import { expectMistake, type Mistake } from "./expect-mistake.ts";

const layerTypes =
  "conv2d, separableConv2d, depthwiseConv2d, maxPooling2d, averagePooling2d, globalMaxPooling2d, globalAveragePooling2d, zeroPadding2d, flatten, dense, batchNormalization, layerNormalization, dropout, spatialDropout2d, gaussianNoise, activation, repeat, residual, concat";

const vgg = `  blocks:
    vgg:
      params: [n, filters]
      layers:
        - repeat: { times: $n, layers: [{ conv2d: { filters: $filters, kernelSize: 3 } }] }
`;

/** A model with the block `vgg` and these layers. */
const using = (...layers: readonly string[]) =>
  `model:\n${vgg}  layers:\n${layers.map((layer) => `    - ${layer}`).join("\n")}`;
/** A model with these blocks that uses none. */
const defining = (blocks: string) => `model:\n  blocks: ${blocks}\n  layers: [flatten]`;

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  "uses of blocks": [
    [
      "an argument that is missing stands at the use",
      "model",
      using("▶vgg: { n: 2 }"),
      "model.layers[0].vgg.filters",
      "missing, expected a value for the parameter `filters` of the block vgg",
      "add `filters: …`",
    ],
    [
      "an argument that is misspelt, with the nearest name",
      "model",
      using("vgg: { n: 2, ▶fliters: 8 }"),
      "model.layers[0].vgg.fliters",
      'unknown argument "fliters" of the block vgg: vgg takes n, filters',
      "did you mean `filters`?",
    ],
    [
      "an argument that nothing is like",
      "model",
      using("vgg: { n: 2, filters: 8, ▶padding: same }"),
      "model.layers[0].vgg.padding",
      'unknown argument "padding" of the block vgg: vgg takes n, filters',
      "remove it, or add it to the block's `params`",
    ],
    [
      "an argument with a wrong value stands where it is given, and says what it is for",
      "model",
      using("flatten", "vgg: { n: 2, filters: ▶many }"),
      "model.layers[1].vgg.filters",
      'got "many" (string), expected a whole number ≥ 1 (as `model.blocks.vgg.layers[0].repeat.layers[0].conv2d.filters`)',
      "write e.g. `filters: 16`",
    ],
    [
      "an argument that is out of range",
      "model",
      using("vgg: { n: ▶0, filters: 8 }"),
      "model.layers[0].vgg.n",
      "got 0 (number), expected a whole number from 1 to 1000 (as `model.blocks.vgg.layers[0].repeat.times`)",
      "write e.g. `times: 2`",
    ],
    [
      "arguments that are no map",
      "model",
      using("vgg: ▶3"),
      "model.layers[0].vgg",
      "got 3, expected a map of arguments: vgg takes n, filters",
      "write `vgg: { n: …, filters: … }`",
    ],
    [
      "a block that is misspelt",
      "model",
      using("▶vggg: { n: 2, filters: 8 }"),
      "model.layers[0].vggg",
      `unknown layer type "vggg", expected one of ${layerTypes}, or a block: vgg`,
      "did you mean `vgg`?",
    ],
    [
      "a use inside groups",
      "model",
      using("residual: { layers: [{ concat: { branches: [[], [{ vgg: { n: 1, filters: ▶-1 } }]] } }] }"),
      "model.layers[0].residual.layers[0].concat.branches[1][0].vgg.filters",
      "got -1 (number), expected a whole number ≥ 1 (as `model.blocks.vgg.layers[0].repeat.layers[0].conv2d.filters`)",
      "write e.g. `filters: 16`",
    ],
    [
      "the name that is kept for written-out blocks",
      "model",
      "model: { layers: [{ ▶$block: { name: x, layers: [flatten], mistakes: {} } }] }",
      "model.layers[0].$block",
      `unknown layer type "$block", expected one of ${layerTypes}`,
      "use one of the types above",
    ],
  ],
  "definitions of blocks": [
    [
      "a mistake in a block stands in the block's lines, once however often it is used",
      "model",
      `model:\n  blocks:\n    a: { params: [f], layers: [{ conv2d: { filters: $f, kernelSize: 3, ▶pading: same } }] }\n  layers: [{ a: { f: 1 } }, { a: { f: 2 } }]`,
      "model.blocks.a.layers[0].conv2d.pading",
      'unknown key "pading", expected one of name, filters, kernelSize, strides, padding, dilationRate, activation, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, trainable',
      "did you mean `padding`?",
    ],
    [
      "a wrong argument passed from block to block stands where it was given first",
      "model",
      `model:\n  blocks:\n    a: { params: [f], layers: [{ dense: { units: $f } }] }\n    b: { params: [g], layers: [{ a: { f: $g } }] }\n  layers: [{ b: { g: ▶no } }]`,
      "model.layers[0].b.g",
      'got "no" (string), expected a whole number ≥ 1 (as `model.blocks.a.layers[0].dense.units`)',
      "write e.g. `units: 128`",
    ],
    [
      "a parameter that is not used",
      "model",
      defining("{ a: { params: [f, ▶g], layers: [{ dense: { units: $f } }] } }"),
      "model.blocks.a.params[1]",
      "the parameter `g` is used nowhere in the block",
      "write `$g` as a value in the block's layers, or remove it",
    ],
    [
      "a parameter that is not declared",
      "model",
      defining("{ a: { params: [units], layers: [{ dense: { units: ▶$unit } }] } }"),
      "model.blocks.a.layers[0].dense.units",
      "`$unit` is no parameter of this block, expected one of $units",
      "did you mean `$units`?",
    ],
    [
      "a parameter of a block that has none",
      "model",
      defining("{ a: { layers: [{ dense: { units: ▶$n } }] } }"),
      "model.blocks.a.layers[0].dense.units",
      "`$n` is no parameter of this block, which has none",
      "add `n` to the block's `params`",
    ],
    [
      "a parameter that is declared twice",
      "model",
      defining("{ a: { params: [n, ▶n], layers: [{ dense: { units: $n } }] } }"),
      "model.blocks.a.params[1]",
      "got the parameter `n` a second time, expected every parameter once",
      "remove it",
    ],
    [
      "a block called like a layer",
      "model",
      defining("{ dense: ▶{ layers: [flatten] } }"),
      "model.blocks.dense",
      "the block is called like the layer `dense`: an entry `- dense: …` would mean either",
      "choose another name, e.g. `denseBlock`",
    ],
    [
      "a name that can't be one",
      "model",
      defining('{ "a b": ▶{ layers: [flatten] } }'),
      "model.blocks.a b",
      'got "a b" as the name of a block, expected a letter followed by letters, digits or _',
      "write e.g. `vgg`",
    ],
    [
      "a block that uses itself",
      "model",
      "model:\n  blocks: { a: ▶{ layers: [flatten, { repeat: { times: 2, layers: [a] } }] } }\n  layers: [a]",
      "model.blocks.a",
      "the block uses itself",
      "use `repeat`, or remove one of these uses",
    ],
    [
      "blocks that use one another, told once",
      "model",
      "model:\n  blocks: { a: ▶{ layers: [b] }, b: { layers: [{ residual: { layers: [flatten], shortcut: [c] } }] }, c: { layers: [a] } }\n  layers: [a, b, c]",
      "model.blocks.a",
      "the block uses itself: a → b → c → a",
      "use `repeat`, or remove one of these uses",
    ],
    [
      "no layers",
      "model",
      defining("{ a: { layers: ▶[] } }"),
      "model.blocks.a.layers",
      "got an empty list, expected a list with at least one entry",
      'write e.g. `layers: [{ conv2d: { filters: "$filters", kernelSize: 3 } }, { maxPooling2d: {} }]`',
    ],
  ],
  "groups and layers": [
    [
      "a concat of a single branch",
      "model",
      "model: { layers: [{ concat: { branches: ▶[[flatten]] } }] }",
      "model.layers[0].concat.branches",
      "got a list of 1, expected a list with at least 2 entries",
      "write e.g. `branches: [[], [{ conv2d: { filters: 16, kernelSize: 3, padding: same } }]]`",
    ],
    [
      "different strides of a depthwise kernel",
      "model",
      "model: { layers: [{ depthwiseConv2d: { kernelSize: 3, strides: ▶[1, 2] } }] }",
      "model.layers[0].depthwiseConv2d.strides",
      "got two different `strides`; a depthwise kernel moves by the same step in both directions",
      "write one number, e.g. `strides: 2`",
    ],
    [
      "a penalty without factors",
      "model",
      "model: { layers: [{ dense: { units: 1, kernelRegularizer: ▶{} } }] }",
      "model.layers[0].dense.kernelRegularizer",
      "got neither `l1` nor `l2`, expected at least one of them",
      "write e.g. `{ l2: 0.0001 }`, or remove the regularizer",
    ],
    [
      "initial weights from two places",
      "model",
      "model: { initialWeights: { file: a.safetensors, include: [a], exclude: ▶[b] }, layers: [flatten] }",
      "model.initialWeights.exclude",
      "got `include` and `exclude`, expected only one of them",
      "remove `exclude`, or remove `include`",
    ],
    [
      "initial weights as a bare name",
      "model",
      "model: { initialWeights: ▶a.safetensors, layers: [flatten] }",
      "model.initialWeights",
      'got "a.safetensors" (string), expected a map (keys: file, include, exclude, trial)',
      "write e.g. `initialWeights: { file: weights.safetensors }`",
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s", (_, cases) => {
  test.each(cases)("%s", (_name, ...mistake) => expectMistake(mistake));
});

test("bare names, leakyRelu's slope and zero padding get Keras' defaults", () => {
  const result = parseSection("model", {
    layers: [
      "batchNormalization",
      { layerNormalization: {} },
      "globalAveragePooling2d",
      { zeroPadding2d: {} },
      { zeroPadding2d: { padding: [1, 2] } },
      { activation: { activation: { type: "leakyRelu" } } },
      { separableConv2d: { filters: 8, kernelSize: 3 } },
    ],
  });

  const [initializer, zeros] = [{ type: "glorotUniform" }, { type: "zeros" }];
  const norm = {
    epsilon: 0.001,
    center: true,
    scale: true,
    betaInitializer: zeros,
    gammaInitializer: { type: "ones" },
  };
  expect("value" in result && result.value.layers).toEqual([
    { type: "batchNormalization", momentum: 0.99, ...norm },
    { type: "layerNormalization", ...norm },
    { type: "globalAveragePooling2d" },
    {
      type: "zeroPadding2d",
      padding: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      type: "zeroPadding2d",
      padding: [
        [1, 1],
        [2, 2],
      ],
    },
    { type: "activation", activation: "leakyRelu" },
    {
      type: "separableConv2d",
      filters: 8,
      kernelSize: [3, 3],
      strides: [1, 1],
      padding: "valid",
      depthMultiplier: 1,
      activation: "linear",
      useBias: true,
      depthwiseInitializer: initializer,
      pointwiseInitializer: initializer,
      biasInitializer: zeros,
    },
  ]);
});
