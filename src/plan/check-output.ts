import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
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
  const dense = model.layers.findLast(({ layer }) => !keepsWidth(layer));
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
  const issues = last.layer.type === "dropout" ? [dropoutAtTheEnd(last)] : [];
  const final = findFinalActivation(layers);
  const expected = loss.fromLogits ? "linear" : "softmax";
  if (final.activation === expected) return issues;
  return [...issues, loss.fromLogits ? notLogits(final, loss) : notProbabilities(final, loss)];
}

interface FinalActivation {
  readonly activation: Extract<Layer, { type: "activation" }>["activation"];
  readonly layer: UnfoldedLayer;
  readonly path: DocumentPath;
}

/** The last layer that changes values decides; linear activations, dropout and flatten let them through. */
function findFinalActivation(layers: readonly UnfoldedLayer[]): FinalActivation {
  const layer = layers.findLast(({ layer }) => !isPassThrough(layer)) ?? lastOf(layers);
  const activation = "activation" in layer.layer ? layer.layer.activation : "linear";
  const path = "activation" in layer.layer ? [...layer.path, layer.layer.type, "activation"] : layer.path;
  return { activation, layer, path };
}

function lastOf(layers: readonly UnfoldedLayer[]): UnfoldedLayer {
  const last = layers.at(-1);
  if (!last) throw new RangeError("an architecture has at least one layer");
  return last;
}

function isPassThrough(layer: Layer): boolean {
  return (
    layer.type === "flatten" ||
    layer.type === "dropout" ||
    (layer.type === "activation" && layer.activation === "linear")
  );
}

function keepsWidth(layer: Layer): boolean {
  return layer.type === "activation" || layer.type === "dropout";
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

function dropoutAtTheEnd({ label, path }: UnfoldedLayer): ExperimentIssue {
  return {
    code: "dropout-at-end",
    path,
    message: `${label}: the last layer is a dropout, which would erase predictions at random`,
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
