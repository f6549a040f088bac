import type { Tensor } from "@tensorflow/tfjs-core";
import type { layers, LayersModel } from "@tensorflow/tfjs-layers";
import { probabilityActivation } from "../../src/plan/check-output.ts";
import type { Loss } from "../../src/spec/schema/training.ts";

type TfLayer = layers.Layer;

/** A layer with the indexes of the nodes that it computes on; -1 = the images. */
interface GraphNode {
  readonly layer: TfLayer;
  readonly inputs: readonly number[];
  /** Index of the last node that computes on its output; its own if there is none. */
  readonly lastUse: number;
}

/** The layers of a model, each after those that it computes on; the last one's output are the logits. */
export type LogitsGraph = readonly GraphNode[];

/**
 * The layers whose last output are the logits: all but the input and, unless the loss is from logits, the final
 * softmax or sigmoid.
 * @throws Error if the loss needs probabilities and the model doesn't end with what gives them
 */
export function graphUpToLogits(model: LayersModel, loss: Loss): LogitsGraph {
  const computing = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  if (loss.fromLogits) return toGraph(computing);
  const last = computing.at(-1);
  const activation = probabilityActivation(loss);
  if (last === undefined || !isActivation(last, activation))
    throw new Error(`loss ${loss.type} without fromLogits needs a model that ends with the activation ${activation}`);
  return toGraph(computing.slice(0, -1));
}

function toGraph(computing: readonly TfLayer[]): LogitsGraph {
  const indexes = new Map(computing.map((layer, index) => [layer, index]));
  const inputs = computing.map((layer) => inboundLayers(layer).map((inbound) => indexes.get(inbound) ?? -1));
  return computing.map((layer, index) => ({
    layer,
    inputs: inputs[index] ?? [],
    lastUse: Math.max(
      index,
      inputs.findLastIndex((each) => each.includes(index)),
    ),
  }));
}

function inboundLayers(layer: TfLayer): readonly TfLayer[] {
  const [node] = layer.inboundNodes;
  if (node === undefined) throw new Error(`layer ${layer.name} is not connected`);
  return node.inboundLayers;
}

/**
 * Computes the logits. Outside of training, what no layer needs any more is freed at once.
 * @param mode `training` switches masks, noise and batch statistics on
 */
export function applyGraph(graph: LogitsGraph, images: Tensor, mode: { readonly training: boolean }): Tensor {
  const outputs: Tensor[] = [];
  for (const [index, { layer, inputs }] of graph.entries()) {
    const tensors = inputs.map((input) => outputs[input] ?? images);
    const [first = images, ...others] = tensors;
    const output = layer.apply(others.length > 0 ? tensors : first, mode);
    if (!isTensor(output)) throw new TypeError(`layer ${layer.name} did not give one tensor`);
    outputs.push(output);
    if (mode.training) continue;
    for (const input of new Set(inputs)) if (graph[input]?.lastUse === index) outputs[input]?.dispose();
  }
  return outputs.at(-1) ?? images;
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dataId" in value;
}

function isActivation(layer: TfLayer, activation: string): boolean {
  return layer.getClassName() === "Activation" && layer.getConfig()["activation"] === activation;
}
