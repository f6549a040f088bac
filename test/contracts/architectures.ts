const end = "flatten, {dense: {units: 3, activation: softmax}}";
const conv = "{conv2d: {filters: 4, kernelSize: 3, padding: same, activation: tanh}}";

/**
 * Every layer and option that has a gradient of its own, in front of or behind layers that have weights: YAML of
 * `model.layers`, from images of shape [6, 5, 2] to three classes.
 */
export const architectures: Readonly<Record<string, string>> = {
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
  "conv2d with unequal strides and without bias": `[{conv2d: {filters: 3, kernelSize: [3, 2], strides: [2, 1], useBias: false, activation: tanh}}, ${end}]`,
  maxPooling2d: `[{conv2d: {filters: 3, kernelSize: 2, activation: tanh}}, {maxPooling2d: {poolSize: 2}}, ${end}]`,
  "averagePooling2d with padding": `[${conv}, {averagePooling2d: {poolSize: 3, strides: 2, padding: same}}, ${conv}, ${end}]`,
  dropout: `[${conv}, {dropout: {rate: 0.4}}, flatten, {dense: {units: 5, activation: tanh}}, {dropout: {rate: 0.2}}, {dense: {units: 3, activation: softmax}}]`,
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
