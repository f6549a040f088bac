import type { probabilityActivation } from "../../src/plan/check-output.ts";
import { inputsOf } from "../../src/plan/connections.ts";
import type { PlannedLayer } from "../../src/plan/plan.ts";
import type { Activation } from "../../src/spec/schema/activation.ts";
import type { Layer } from "../../src/spec/schema/layer.ts";

/** A layer of the tfjs model with its connections. Some planned layers become two. */
export interface ModelNode {
  readonly name: string;
  readonly layer: Layer;
  /** Names of the nodes that it computes on, or `modelInput`. */
  readonly inputs: readonly string[];
  /** Index of the planned layer, which keys random streams. */
  readonly layerIndex: number;
}

/** An activation that gives the probabilities which a loss expects. */
type ProbabilityActivation = ReturnType<typeof probabilityActivation>;

/**
 * The nodes of a planned architecture: some activations become layers of their own.
 * @param finalActivation is split off the last layer that has it; absent = the network gives logits
 */
export function nodesOf(
  planned: readonly PlannedLayer[],
  finalActivation: ProbabilityActivation | undefined,
): ModelNode[] {
  const nodes = planned.map(({ name, layer }, layerIndex) => ({
    name,
    layer,
    inputs: inputsOf(planned, layerIndex),
    layerIndex,
  }));
  return splitActivations(finalActivation ? splitFinalActivation(nodes, planned, finalActivation) : nodes);
}

/** Whether each node computes on the one before it, the first on the model's input. */
export function isChain(nodes: readonly ModelNode[]): boolean {
  return nodes.every(
    ({ inputs }, index) => index === 0 || (inputs.length === 1 && inputs[0] === nodes[index - 1]?.name),
  );
}

/** A name that no node has, as near as possible to the wished one. */
export function unusedName(wished: string, nodes: readonly ModelNode[]): string {
  return nodes.some(({ name }) => name === wished) ? unusedName(`${wished}_`, nodes) : wished;
}

/** Takes the final softmax (or sigmoid) out of the layer that has it and puts it at the very end. */
function splitFinalActivation(
  nodes: readonly ModelNode[],
  planned: readonly PlannedLayer[],
  activation: ProbabilityActivation,
): readonly ModelNode[] {
  const final = findFinal(nodes);
  const last = nodes.at(-1);
  if (!final || !last || !isActivated(final.layer) || final.layer.activation !== activation) return nodes;
  // Several softmaxes side by side, one per pixel, are no probabilities of classes.
  const outputShape = planned[final.layerIndex]?.outputShape ?? [];
  if (outputShape.slice(0, -1).some((dimension) => dimension !== 1)) return nodes;
  if (final.layer.type === "activation" && final === last) return nodes;
  const layer: Layer = { ...final.layer, activation: "linear" };
  const split: ModelNode = {
    name: unusedName(`${final.name}_${activation}`, nodes),
    layer: { type: "activation", activation },
    inputs: [last.name],
    layerIndex: nodes.length,
  };
  return [...nodes.map((node) => (node === final ? { ...node, layer } : node)), split];
}

/** The last node that changes values or their order, on the way back from the end. */
function findFinal(nodes: readonly ModelNode[]): ModelNode | undefined {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  let node = nodes.at(-1);
  while (node && isPassThrough(node.layer)) node = byName.get(node.inputs[0] ?? "");
  return node;
}

function isPassThrough(layer: Layer): boolean {
  return layer.type === "flatten" || (layer.type === "activation" && layer.activation === "linear");
}

/**
 * Gives activations that tfjs has only as layers, or can't apply while training, a node of their own, on which everything
 * behind then computes.
 */
function splitActivations(nodes: readonly ModelNode[]): ModelNode[] {
  const outputNames = new Map<string, string>();
  return nodes.flatMap((node) => {
    const inputs = node.inputs.map((input) => outputNames.get(input) ?? input);
    const { layer } = node;
    if (layer.type === "activation" || !isActivated(layer) || canApply(layer)) return [{ ...node, inputs }];
    const name = unusedName(`${node.name}_activation`, nodes);
    outputNames.set(node.name, name);
    const activation: ModelNode = {
      ...node,
      name,
      layer: { type: "activation", activation: layer.activation },
      inputs: [node.name],
    };
    return [{ ...node, inputs, layer: { ...layer, activation: "linear" } }, activation];
  });
}

function canApply(layer: Extract<Layer, { readonly activation: unknown }>): boolean {
  return layer.activation === "linear" || (isFunction(layer.activation) && !isDilated(layer));
}

/** Whether a layer is a convolution with a kernel whose cells are not side by side. */
export function isDilated(layer: Layer): boolean {
  return layer.type === "conv2d" && layer.dilationRate.some((rate) => rate > 1);
}

/** Whether tfjs has an activation as a function. */
export function isFunction(activation: Activation): activation is Exclude<Extract<Activation, string>, "leakyRelu"> {
  return typeof activation === "string" && activation !== "leakyRelu";
}

function isActivated(layer: Layer): layer is Extract<Layer, { readonly activation: unknown }> {
  return "activation" in layer;
}
