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
  const last = model.layers.at(-1);
  if (!last) return [];
  const { classCount } = dataset;
  const { outputShape } = model;
  const classes = `the data set "${dataset.name}" has ${formatCount(classCount)} classes`;
  if (outputShape && isImageShape(outputShape))
    return [imageAtTheEnd(last, formatShape(outputShape), classes, classCount)];
  const dense = findBackwards(model.layers, ({ layer }) => !keepsWidth(layer));
  const units = dense?.layer.type === "dense" ? dense.layer.units : undefined;
  const width = outputShape?.[0] ?? units;
  if (width === undefined || width === classCount) return [];
  const source = dense && units !== undefined ? { layer: dense, key: ["dense", "units"] } : { layer: last, key: [] };
  return [
    {
      code: "class-count",
      path: [...source.layer.path, ...source.key],
      message: `${source.layer.label}: the network ends with ${formatCount(width)} outputs, but ${classes}`,
      fix:
        units === undefined
          ? `put \`- dense: {units: ${classCount}, activation: softmax}\` at the end`
          : `use \`units: ${classCount}\` in the last dense layer`,
    },
  ];
}

/** What is wrong with the last layer and the loss together. */
export function checkLoss(layers: readonly UnfoldedLayer[], loss: Loss): readonly ExperimentIssue[] {
  const last = layers.at(-1);
  if (!last) return [];
  const issues = isRandom(last.layer) ? [randomAtTheEnd(last)] : [];
  const final = findFinalActivation(layers);
  const expected = loss.fromLogits ? "linear" : "softmax";
  if (final.activation === expected) return issues;
  return [...issues, loss.fromLogits ? notLogits(final, loss) : notProbabilities(final, loss)];
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

function imageAtTheEnd(
  { label, path }: UnfoldedLayer,
  shape: string,
  classes: string,
  classCount: number,
): ExperimentIssue {
  return {
    code: "class-count",
    path,
    message: `${label}: the network ends with an image of ${shape}, but ${classes} and one number for each is needed`,
    fix: `put \`- flatten\` and \`- dense: {units: ${classCount}, activation: softmax}\` at the end`,
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
  const because = activation === "sigmoid" ? ", whose numbers don't add up to 1" : "";
  const alternative =
    activation === "linear"
      ? `, or say that it gives logits: \`training.loss: {type: ${type}, fromLogits: true}\``
      : "";
  return {
    code: "loss-needs-probabilities",
    path,
    message: `${layer.label}: the network ends with activation "${activation}"${because}, but the loss ${type} expects probabilities`,
    fix: `use \`activation: softmax\` there${alternative}`,
  };
}

function notLogits({ activation, layer, path }: FinalActivation, { type }: Loss): ExperimentIssue {
  const alternative =
    activation === "softmax" ? `, or say that it gives probabilities: \`training.loss: ${type}\`` : "";
  return {
    code: "loss-needs-logits",
    path,
    message: `${layer.label}: the network ends with activation "${activation}", but \`fromLogits: true\` says that it gives logits (any numbers)`,
    fix: `use \`activation: linear\` there${alternative}`,
  };
}
