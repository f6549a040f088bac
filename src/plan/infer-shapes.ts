import type { ExperimentIssue } from "../spec/issue.ts";
import type { Model } from "../spec/schema/layer.ts";
import type { LayerProblem } from "./layer-problem.ts";
import { inferLayer } from "./layer-shape.ts";
import { inferMerge } from "./merge-shape.ts";
import { modelInput } from "./connections.ts";
import type { PlannedLayer, PlannedModel, Shape } from "./plan.ts";
import type { LayerFacts } from "./shape.ts";
import { type UnfoldedLayer, unfoldLayers } from "./unfold-layers.ts";
import { isWindowed, type Window, windowOf } from "./window.ts";

/** What shape inference found out about an architecture. */
export interface InferredModel {
  /** The layers with groups written out; empty if there are too many. */
  readonly layers: readonly UnfoldedLayer[];
  /** Shape of what the last layer gives; unknown if a layer before it doesn't fit its input. */
  readonly outputShape?: Shape;
  /** Complete; absent if there are issues. */
  readonly planned?: PlannedModel;
  readonly issues: readonly ExperimentIssue[];
}

/**
 * Unfolds an architecture and finds each layer's output shape, parameters and multiply-adds.
 * @param inputShape one example: [height, width, channels]
 */
export function inferShapes(model: Model, inputShape: Shape): InferredModel {
  const unfolded = unfoldLayers(model);
  const inferred = inferLayers(unfolded.layers, inputShape);
  const issues = [...unfolded.issues, ...inferred.issues];
  const { layers } = unfolded;
  if (!inferred.outputShape || layers.length === 0) return { layers, issues };
  const { outputShape } = inferred;
  if (issues.length > 0) return { layers, outputShape, issues };
  const nonTrainableCount = sum(inferred.planned, (layer) => layer.nonTrainableCount ?? 0);
  const planned: PlannedModel = {
    ...(model.name !== undefined && { name: model.name }),
    inputShape,
    layers: inferred.planned,
    parameterCount: sum(inferred.planned, (layer) => layer.parameterCount),
    multiplyAdds: sum(inferred.planned, (layer) => layer.multiplyAdds),
    ...(nonTrainableCount > 0 && { nonTrainableCount }),
  };
  return { layers, outputShape, planned, issues };
}

interface InferredLayers {
  readonly planned: readonly PlannedLayer[];
  readonly outputShape?: Shape;
  readonly issues: readonly ExperimentIssue[];
}

/** Layers behind one that doesn't fit its input are passed over; other branches are still checked. */
function inferLayers(layers: readonly UnfoldedLayer[], inputShape: Shape): InferredLayers {
  const planned: PlannedLayer[] = [];
  const issues: ExperimentIssue[] = [];
  const outputs: (Shape | undefined)[] = [];
  const shapeOf = (index: number) => (index < 0 ? inputShape : outputs[index]);
  for (const [index, unfolded] of layers.entries()) {
    const inputs = unfolded.inputs.map(shapeOf).filter((shape) => shape !== undefined);
    const [input] = inputs;
    if (input === undefined || inputs.length < unfolded.inputs.length) {
      outputs.push(undefined);
      continue;
    }
    const common = shapeOf(unfolded.branchInput ?? -1) ?? input;
    const result = inferOne(layers, index, { outputs: inputs, input: common });
    if ("message" in result) issues.push(toIssue(unfolded, result));
    const facts = "message" in result ? result.factsOnceFixed : result;
    outputs.push(facts?.outputShape);
    if (facts) planned.push({ ...describe(layers, index), inputShape: input, ...facts, ...connect(layers, index) });
  }
  const outputShape = outputs.at(-1);
  return { planned, issues, ...(outputShape && { outputShape }) };
}

function inferOne(
  layers: readonly UnfoldedLayer[],
  index: number,
  branches: Parameters<typeof inferMerge>[1],
): LayerFacts | LayerProblem {
  const { layer } = layerAt(layers, index);
  if (layer.type === "add" || layer.type === "concatenate") return inferMerge(layer, branches);
  return inferLayer(layer, branches.outputs[0] ?? [], () => windowsBefore(layers, index));
}

function describe(layers: readonly UnfoldedLayer[], index: number): Pick<PlannedLayer, "name" | "layer"> {
  const { name, layer } = layerAt(layers, index);
  return { name, layer };
}

/** The names of a layer's inputs, unless it simply follows the layer before it. */
function connect(layers: readonly UnfoldedLayer[], index: number): Pick<PlannedLayer, "inputs"> {
  const { inputs } = layerAt(layers, index);
  if (inputs.length === 1 && inputs[0] === index - 1) return {};
  return { inputs: inputs.map((input) => layers[input]?.name ?? modelInput) };
}

/** Kernels and pools on the way from the model's input to a layer; of branches, the first counts. */
function windowsBefore(layers: readonly UnfoldedLayer[], index: number): readonly Window[] {
  const windows: Window[] = [];
  for (let at = layerAt(layers, index).inputs[0] ?? -1; at >= 0; at = layerAt(layers, at).inputs[0] ?? -1) {
    const { layer } = layerAt(layers, at);
    if (isWindowed(layer)) windows.unshift(windowOf(layer));
  }
  return windows;
}

function layerAt(layers: readonly UnfoldedLayer[], index: number): UnfoldedLayer {
  const layer = layers[index];
  if (!layer) throw new RangeError(`there is no layer ${index}`);
  return layer;
}

function toIssue({ label, path }: UnfoldedLayer, { code, message, fix }: LayerProblem): ExperimentIssue {
  return { code, path, message: `${label}: ${message}`, fix };
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
