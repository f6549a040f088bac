import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import { activationName } from "../spec/schema/activation.ts";
import type { Layer } from "../spec/schema/layer.ts";
import type { Loss } from "../spec/schema/training.ts";
import type { InferredModel } from "./infer-shapes.ts";
import type { PlannedDataset } from "./plan.ts";
import { formatCount, formatShape, isImageShape } from "./shape.ts";
import type { UnfoldedLayer } from "./unfold-layers.ts";

/** What is wrong with what the network gives: one number per class is needed. */
export function checkClassCount(model: InferredModel, dataset: PlannedDataset): readonly ExperimentIssue[] {
  const { name, classCount } = dataset;
  return checkOutputs(model, {
    count: classCount,
    because: `the data set "${name}" has ${formatCount(classCount)} classes`,
    activation: "softmax",
    ...(classCount === 2 && { instead: "`loss: binaryCrossentropy` with one output and `activation: sigmoid`" }),
  });
}

/** What is wrong with what the network gives to `binaryCrossentropy`: one number that tells two classes apart. */
export function checkBinaryOutput(model: InferredModel, dataset: PlannedDataset): readonly ExperimentIssue[] {
  const { name, classCount } = dataset;
  if (classCount === 2)
    return checkOutputs(model, { count: 1, because: "the loss binaryCrossentropy needs one", activation: "sigmoid" });
  return [
    {
      code: "loss-class-count",
      path: ["training", "loss"],
      message: `got binaryCrossentropy, which tells two classes apart, but the data set "${name}" has ${formatCount(classCount)} classes`,
      fix: `use \`loss: sparseCategoricalCrossentropy\`, and \`- dense: {units: ${classCount}, activation: softmax}\` at the end`,
    },
  ];
}

/** What the network must end with, and why. */
interface NeededOutputs {
  readonly count: number;
  readonly because: string;
  readonly activation: "softmax" | "sigmoid";
  /** Another way out. */
  readonly instead?: string;
}

function checkOutputs(model: InferredModel, needed: NeededOutputs): readonly ExperimentIssue[] {
  const last = model.layers.at(-1);
  if (!last) return [];
  const { outputShape } = model;
  if (outputShape && isImageShape(outputShape)) return [imageAtTheEnd(last, formatShape(outputShape), needed)];
  const dense = findBackwards(model.layers, ({ layer }) => !keepsWidth(layer));
  const units = dense?.layer.type === "dense" ? dense.layer.units : undefined;
  const width = outputShape?.[0] ?? units;
  const { count, because, activation, instead } = needed;
  if (width === undefined || width === count) return [];
  const source = dense && units !== undefined ? { layer: dense, key: ["dense", "units"] } : { layer: last, key: [] };
  const fix =
    units === undefined
      ? `put \`- dense: {units: ${count}, activation: ${activation}}\` at the end`
      : `use \`units: ${count}\` in the last dense layer`;
  return [
    {
      code: "class-count",
      path: [...source.layer.path, ...source.key],
      message: `${source.layer.label}: the network ends with ${formatCount(width)} ${width === 1 ? "output" : "outputs"}, but ${because}`,
      fix: instead === undefined ? fix : `${fix}, or ${instead}`,
    },
  ];
}

/** What is wrong with the last layer and the loss together. */
export function checkLoss(layers: readonly UnfoldedLayer[], loss: Loss): readonly ExperimentIssue[] {
  const last = layers.at(-1);
  if (!last) return [];
  const issues = isRandom(last.layer) ? [randomAtTheEnd(last)] : [];
  const final = findFinalActivation(layers);
  if (loss.allowSoftmaxOutput) return final.activation === "softmax" ? issues : [...issues, noSoftmax(final)];
  const expected = loss.fromLogits ? "linear" : probabilityActivation(loss);
  if (final.activation === expected) return issues;
  return [...issues, loss.fromLogits ? notLogits(final, loss) : notProbabilities(final, loss)];
}

/** The activation that gives the probabilities which a loss expects if it is not from logits. */
export function probabilityActivation({ type }: Pick<Loss, "type">): "softmax" | "sigmoid" {
  return type === "binaryCrossentropy" ? "sigmoid" : "softmax";
}

interface FinalActivation {
  readonly activation: ReturnType<typeof activationName>;
  readonly layer: UnfoldedLayer;
  readonly path: DocumentPath;
}

/** The last layer that changes values decides; linear activations, dropout and flatten let them through. */
function findFinalActivation(layers: readonly UnfoldedLayer[]): FinalActivation {
  const layer = findBackwards(layers, ({ layer }) => !isPassThrough(layer)) ?? lastOf(layers);
  const activation = "activation" in layer.layer ? activationName(layer.layer.activation) : "linear";
  const path = "activation" in layer.layer ? [...layer.path, layer.layer.type, "activation"] : layer.path;
  return { activation, layer, path };
}

/** The first layer that meets a condition on the way from the last layer back to the input; of branches, the first. */
function findBackwards(
  layers: readonly UnfoldedLayer[],
  condition: (layer: UnfoldedLayer) => boolean,
): UnfoldedLayer | undefined {
  let layer = layers.at(-1);
  while (layer && !condition(layer)) layer = layers[layer.inputs[0] ?? -1];
  return layer;
}

function lastOf(layers: readonly UnfoldedLayer[]): UnfoldedLayer {
  const last = layers.at(-1);
  if (!last) throw new RangeError("an architecture has at least one layer");
  return last;
}

function isPassThrough(layer: Layer): boolean {
  return layer.type === "flatten" || isRandom(layer) || (layer.type === "activation" && layer.activation === "linear");
}

function keepsWidth(layer: Layer): boolean {
  return (
    layer.type === "activation" ||
    layer.type === "batchNormalization" ||
    layer.type === "layerNormalization" ||
    isRandom(layer)
  );
}

/** Whether a layer does something only while training, and something else each time. */
function isRandom(layer: Layer): boolean {
  return layer.type === "dropout" || layer.type === "spatialDropout2d" || layer.type === "gaussianNoise";
}

function imageAtTheEnd({ label, path }: UnfoldedLayer, shape: string, needed: NeededOutputs): ExperimentIssue {
  const { count, because, activation } = needed;
  const each = count === 1 ? "" : " and one number for each is needed";
  return {
    code: "class-count",
    path,
    message: `${label}: the network ends with an image of ${shape}, but ${because}${each}`,
    fix: `put \`- flatten\` and \`- dense: {units: ${count}, activation: ${activation}}\` at the end`,
  };
}

function randomAtTheEnd({ label, path, layer }: UnfoldedLayer): ExperimentIssue {
  const isNoise = layer.type === "gaussianNoise";
  return {
    code: isNoise ? "noise-at-end" : "dropout-at-end",
    path,
    message: isNoise
      ? `${label}: the last layer adds noise, which would change predictions at random`
      : `${label}: the last layer is a dropout, which would erase predictions at random`,
    fix: "put it before the last dense layer, or remove it",
  };
}

function notProbabilities({ activation, layer, path }: FinalActivation, { type }: Loss): ExperimentIssue {
  const expected = probabilityActivation({ type });
  const because = activation === "sigmoid" ? ", whose numbers don't add up to 1" : "";
  const alternative =
    activation === "linear"
      ? `, or say that it gives logits: \`training.loss: {type: ${type}, fromLogits: true}\``
      : "";
  const what = expected === "sigmoid" ? "one probability, that of the second class" : "probabilities";
  return {
    code: "loss-needs-probabilities",
    path,
    message: `${layer.label}: the network ends with activation "${activation}"${because}, but the loss ${type} expects ${what}`,
    fix: `use \`activation: ${expected}\` there${alternative}`,
  };
}

function notLogits({ activation, layer, path }: FinalActivation, { type }: Loss): ExperimentIssue {
  const alternative =
    activation === probabilityActivation({ type })
      ? `, or say that it gives probabilities: \`training.loss: ${type}\``
      : "";
  return {
    code: "loss-needs-logits",
    path,
    message: `${layer.label}: the network ends with activation "${activation}", but \`fromLogits: true\` says that it gives logits (any numbers)`,
    fix: `use \`activation: linear\` there${alternative}`,
  };
}

function noSoftmax({ activation, layer }: FinalActivation): ExperimentIssue {
  return {
    code: "conflicting-fields",
    path: ["training", "loss", "allowSoftmaxOutput"],
    message: `got \`allowSoftmaxOutput: true\`, but ${layer.label}, which the network ends with, has activation "${activation}"`,
    fix: activation === "linear" ? "remove `allowSoftmaxOutput`" : "use `activation: softmax` there",
  };
}
