import { parseSection } from "../../src/spec/parse-section.ts";
import type { Loss } from "../../src/spec/schema/training.ts";
import type { Batch, ModelRequest } from "../../trainer/engine/engine.ts";
import { planModel } from "../trainer/plan-model.ts";
import { architectures } from "./architectures.ts";

/** A training that every engine must be able to do. */
export interface TrainingCase {
  readonly name: string;
  readonly request: Omit<ModelRequest, "seed">;
  readonly inputShape: readonly [number, number, number];
  readonly classCount: number;
}

const imageShape = [6, 5, 2] as const;

/** Small, but with a convolution, normalisation, masks, a frozen layer and a penalty. */
const body = `{conv2d: {filters: 3, kernelSize: 3, activation: tanh, kernelRegularizer: {l2: 0.01}}}, batchNormalization,
  {conv2d: {filters: 2, kernelSize: 1, trainable: false}}, {dropout: {rate: 0.3}}, flatten, {dense: {units: 4, activation: relu}}`;
const softmax = "{dense: {units: 3, activation: softmax}}";

/** Everything of the section `training:` that changes what a step does, in YAML's flow style. */
const rules: Readonly<Record<string, object>> = {
  "plain descent": { optimizer: { type: "sgd" } },
  momentum: { optimizer: { type: "sgd", momentum: 0.9 } },
  "Nesterov's momentum": { optimizer: { type: "sgd", momentum: 0.9, nesterov: true } },
  adam: { optimizer: { type: "adam" } },
  "adam with amsgrad": { optimizer: { type: "adam", amsgrad: true } },
  adamw: { optimizer: { type: "adamw", weightDecay: 0.1 } },
  "adamw with amsgrad and exclusions": {
    optimizer: { type: "adamw", weightDecay: 0.1, amsgrad: true, excludeFromWeightDecay: ["bias", "normalization"] },
  },
  rmsprop: { optimizer: { type: "rmsprop" } },
  "rmsprop, centred": { optimizer: { type: "rmsprop", centered: true, epsilon: 0.01 } },
  "rmsprop with momentum": { optimizer: { type: "rmsprop", momentum: 0.5 } },
  "rmsprop, centred, with momentum": { optimizer: { type: "rmsprop", momentum: 0.5, centered: true, epsilon: 0.01 } },
  adagrad: { optimizer: { type: "adagrad" } },
  "gradients clipped by value": { optimizer: { type: "sgd" }, gradientClipping: { value: 0.05 } },
  "gradients clipped by norm": { optimizer: { type: "sgd" }, gradientClipping: { norm: 0.1 } },
  "gradients clipped by their global norm": { optimizer: { type: "sgd" }, gradientClipping: { globalNorm: 0.1 } },
  "gradients that need no clipping": { optimizer: { type: "sgd" }, gradientClipping: { globalNorm: 1000 } },
  "averages of weights changed by descent": { optimizer: { type: "sgd" }, ema: { decay: 0.8 } },
  "averages of weights changed by adamw": { optimizer: { type: "adamw", weightDecay: 0.1 }, ema: { decay: 0.8 } },
  "averages of weights changed by adagrad": { optimizer: { type: "adagrad" }, ema: { decay: 0.8 } },
};

interface LossCase {
  readonly loss: Loss["type"] | Partial<Loss>;
  readonly last?: string;
  readonly classWeights?: readonly number[];
}

const losses: Readonly<Record<string, LossCase>> = {
  "sparse cross-entropy": { loss: "sparseCategoricalCrossentropy" },
  "cross-entropy from logits": {
    loss: { type: "sparseCategoricalCrossentropy", fromLogits: true },
    last: "{dense: {units: 3}}",
  },
  "cross-entropy of a softmax taken for logits": {
    loss: { type: "categoricalCrossentropy", fromLogits: true, allowSoftmaxOutput: true },
  },
  "smoothed cross-entropy": { loss: { type: "categoricalCrossentropy", labelSmoothing: 0.2 } },
  "cross-entropy with class weights": { loss: "sparseCategoricalCrossentropy", classWeights: [0.5, 2, 1.25] },
  "smoothed cross-entropy with class weights": {
    loss: { type: "categoricalCrossentropy", labelSmoothing: 0.1 },
    classWeights: [0, 2, 1],
  },
  "squared error": { loss: "meanSquaredError", classWeights: [1, 3, 0.5] },
  "binary cross-entropy": { loss: "binaryCrossentropy", last: "{dense: {units: 1, activation: sigmoid}}" },
  "smoothed binary cross-entropy with class weights": {
    loss: { type: "binaryCrossentropy", labelSmoothing: 0.2 },
    last: "{dense: {units: 1, activation: sigmoid}}",
    classWeights: [0.5, 2],
  },
  "binary cross-entropy from logits": {
    loss: { type: "binaryCrossentropy", fromLogits: true },
    last: "{dense: {units: 1}}",
  },
};

function trainingCase(name: string, layers: string, training: object, classWeights?: readonly number[]): TrainingCase {
  const parsed = parseSection("training", { epochs: 1, ...training });
  if ("issues" in parsed) throw new Error(`${name}: ${JSON.stringify(parsed.issues)}`);
  const { loss, optimizer, gradientClipping, ema } = parsed.value;
  const model = planModel([...imageShape], layers);
  const weights = classWeights && Float64Array.from(classWeights);
  return {
    name,
    request: { model, loss, optimizer, gradientClipping, ema, classWeights: weights },
    inputShape: imageShape,
    classCount: loss.type === "binaryCrossentropy" ? 2 : 3,
  };
}

/** Every optimizer, kind of clipping and average, with a network that has a bit of everything. */
export const ruleCases: readonly TrainingCase[] = Object.entries(rules).map(([name, training]) =>
  trainingCase(name, `[${body}, ${softmax}]`, training),
);

/** Every loss, with and without class weights. */
export const lossCases: readonly TrainingCase[] = Object.entries(losses).map(([name, { loss, last, classWeights }]) =>
  trainingCase(
    name,
    `[${body}, ${last ?? softmax}]`,
    { loss, optimizer: { type: "sgd", momentum: 0.9 } },
    classWeights,
  ),
);

/** Every layer and activation. */
export const layerCases: readonly TrainingCase[] = Object.entries(architectures).map(([name, layers]) =>
  trainingCase(name, layers, { optimizer: { type: "sgd" } }),
);

/** A batch of made-up images for a case; different for each step. */
export function caseBatch({ inputShape, classCount }: TrainingCase, size: number, step: number): Batch {
  const pixels = inputShape.reduce((product, dimension) => product * dimension, 1);
  return {
    size,
    images: Float32Array.from({ length: size * pixels }, (_, index) => Math.sin(index * 1.7 + step * 0.9) * 0.8),
    labels: Int32Array.from({ length: size }, (_, example) => (example * 5 + step) % classCount),
  };
}
