import type { Optimizer } from "../../../src/spec/schema/training.ts";
import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import { adamStepSize } from "./optimizer-slots.ts";
import { NotCompilable } from "./trace.ts";

/** The update of one weight in a graph. */
export interface UpdateDeclaration {
  /** Resource of the weight. */
  readonly weight: NodeReference;
  /** Resources of the slots, in the order of `slotNames`. */
  readonly slots: readonly NodeReference[];
  readonly gradient: NodeReference;
  /** Float32 scalar: what `fedStepSize` gives for the step. */
  readonly stepSize: NodeReference;
  /** What must have happened before. */
  readonly after: readonly NodeReference[];
}

/** Whether there is a compiled form of the optimizer. */
export function isCompilableOptimizer(optimizer: Optimizer): boolean {
  return optimizer.type in compiled;
}

/** The number that a compiled update takes for a step. */
export function fedStepSize(
  optimizer: Optimizer,
  options: { readonly step: number; readonly learningRate: number },
): number {
  return optimizer.type === "adam" ? adamStepSize(optimizer, options) : options.learningRate;
}

/**
 * Adds the update of a weight as one operation that changes weight and slots in place, by Keras' rule.
 * @throws NotCompilable if there is none for the optimizer
 */
export function addUpdate(graph: GraphBuilder, optimizer: Optimizer, update: UpdateDeclaration): NodeReference {
  switch (optimizer.type) {
    case "sgd":
      return optimizer.momentum > 0 ? addMomentum(graph, optimizer, update) : addGradientDescent(graph, update);
    case "adam":
      return addAdam(graph, optimizer, update);
    default:
      return refuse(optimizer);
  }
}

const compiled: Readonly<Partial<Record<Optimizer["type"], true>>> = { sgd: true, adam: true };

/** The language may know optimizers for which nobody has written a compiled form. */
function refuse(optimizer: { readonly type: string }): never {
  throw new NotCompilable(`there is no compiled form of the optimizer ${optimizer.type}`);
}

function addGradientDescent(graph: GraphBuilder, update: UpdateDeclaration): NodeReference {
  const { weight, stepSize, gradient } = update;
  return addApply(graph, "ResourceApplyGradientDescent", [weight, stepSize, gradient], update);
}

function addMomentum(
  graph: GraphBuilder,
  { momentum, nesterov }: Extract<Optimizer, { readonly type: "sgd" }>,
  update: UpdateDeclaration,
): NodeReference {
  const { weight, slots, stepSize, gradient } = update;
  const inputs = [weight, ...slots, stepSize, gradient, graph.scalar(momentum)];
  return addApply(graph, "ResourceApplyKerasMomentum", inputs, update, { use_nesterov: attribute.boolean(nesterov) });
}

/** The bias corrections are in the step size already: the powers of the betas are given as 0. */
function addAdam(
  graph: GraphBuilder,
  { beta1, beta2, epsilon }: Extract<Optimizer, { readonly type: "adam" }>,
  update: UpdateDeclaration,
): NodeReference {
  const { weight, slots, stepSize, gradient } = update;
  const [none, ...constants] = [0, beta1, beta2, epsilon].map((value) => graph.scalar(value));
  if (none === undefined) throw new Error("unreachable: four constants were made");
  return addApply(graph, "ResourceApplyAdam", [weight, ...slots, none, none, stepSize, ...constants, gradient], update);
}

function addApply(
  graph: GraphBuilder,
  operation: string,
  inputs: readonly NodeReference[],
  { after }: UpdateDeclaration,
  attributes: Readonly<Record<string, Uint8Array>> = {},
): NodeReference {
  const waiting = after.map((node) => `^${node}`);
  const all = { T: attribute.type("float32"), ...attributes };
  return graph.add({ operation, inputs: [...inputs, ...waiting], attributes: all });
}
