import type { ExperimentIssue } from "../spec/issue.ts";
import type { Model } from "../spec/schema/layer.ts";
import type { LayerProblem } from "./layer-problem.ts";
import { inferLayer } from "./layer-shape.ts";
import type { PlannedLayer, PlannedModel, Shape } from "./plan.ts";
import { type UnfoldedLayer, unfoldLayers } from "./unfold-layers.ts";
import { isWindowed, type Window, windowOf } from "./window.ts";

/** What shape inference found out about an architecture. */
export interface InferredModel {
  /** The layers with repeats written out; empty if there are too many. */
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
  const planned: PlannedModel = {
    ...(model.name !== undefined && { name: model.name }),
    inputShape,
    layers: inferred.planned,
    parameterCount: sum(inferred.planned, (layer) => layer.parameterCount),
    multiplyAdds: sum(inferred.planned, (layer) => layer.multiplyAdds),
  };
  return { layers, outputShape, planned, issues };
}

interface InferredLayers {
  readonly planned: readonly PlannedLayer[];
  readonly outputShape?: Shape;
  readonly issues: readonly ExperimentIssue[];
}

function inferLayers(layers: readonly UnfoldedLayer[], inputShape: Shape): InferredLayers {
  const planned: PlannedLayer[] = [];
  const issues: ExperimentIssue[] = [];
  const windows: Window[] = [];
  let shape = inputShape;
  for (const unfolded of layers) {
    const { layer, name } = unfolded;
    const result = inferLayer(layer, shape, windows);
    if ("message" in result) issues.push(toIssue(unfolded, result));
    const facts = "message" in result ? result.factsOnceFixed : result;
    if (!facts) return { planned, issues };
    planned.push({ name, layer, inputShape: shape, ...facts });
    if (isWindowed(layer)) windows.push(windowOf(layer));
    shape = facts.outputShape;
  }
  return { planned, outputShape: shape, issues };
}

function toIssue({ label, path }: UnfoldedLayer, { code, message, fix }: LayerProblem): ExperimentIssue {
  return { code, path, message: `${label}: ${message}`, fix };
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
