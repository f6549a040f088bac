import type { Optimizer } from "../../../src/spec/schema/training.ts";
import type { AdamRates } from "../adaptive-updates.ts";
import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { FedNumber } from "./step-numbers.ts";

/** A weight in a graph, and what it is changed by. */
export interface WeightChange {
  /** Resource of the weight. */
  readonly weight: NodeReference;
  /** Resources of the slots, in the order of `optimizerSlots`. */
  readonly slots: readonly NodeReference[];
  readonly gradient: NodeReference;
}

/** When, and with what, weights are changed. */
export interface UpdateMoment {
  /** Gives the float32 scalars of the step. */
  readonly numbers: { nodeOf(name: FedNumber): NodeReference };
  /** What must have happened before. */
  readonly after: readonly NodeReference[];
}

/** The update of one weight in a graph. */
export type UpdateDeclaration = WeightChange & UpdateMoment;

/** Whether an optimizer's rule is Adam's, but for the decay of weights. */
export function isAdam(optimizer: Optimizer): optimizer is Extract<Optimizer, { readonly type: "adam" | "adamw" }> {
  return optimizer.type === "adam" || optimizer.type === "adamw";
}

/** Adds the update of several weights by Adam's rule as one operation of ours; the results are those of `addFusedUpdate`. */
export function addJointAdam(
  graph: GraphBuilder,
  { beta1, beta2, epsilon }: AdamRates,
  { updates, numbers, after }: UpdateMoment & { readonly updates: readonly WeightChange[] },
): NodeReference {
  const slot = (place: number) => updates.map(({ slots }) => slots[place] ?? "");
  const gradients = updates.map(({ gradient }) => gradient);
  const weights = updates.map(({ weight }) => weight);
  const inputs = [...weights, ...slot(0), ...slot(1), numbers.nodeOf("adamStepSize"), ...gradients];
  const attributes = {
    N: attribute.integer(updates.length),
    beta1: attribute.float(beta1),
    beta2: attribute.float(beta2),
    epsilon: attribute.float(epsilon),
  };
  return graph.add({
    operation: "NightsweepAdam",
    inputs: [...inputs, ...after.map((node) => `^${node}`)],
    attributes,
  });
}

/**
 * Adds the update of a weight as one operation that changes weight and slots in place, by Keras' rule.
 * @throws Error for optimizers whose rule is composed of operations
 */
export function addFusedUpdate(graph: GraphBuilder, optimizer: Optimizer, update: UpdateDeclaration): NodeReference {
  switch (optimizer.type) {
    case "sgd":
      return optimizer.momentum > 0 ? addMomentum(graph, optimizer, update) : addGradientDescent(graph, update);
    case "adam":
    case "adamw":
      return addAdam(graph, optimizer, update);
    default:
      throw new Error(`TensorFlow has no operation with Keras' rule of the optimizer ${optimizer.type}`);
  }
}

function addGradientDescent(graph: GraphBuilder, update: UpdateDeclaration): NodeReference {
  const { weight, numbers, gradient } = update;
  return addApply(graph, "ResourceApplyGradientDescent", [weight, numbers.nodeOf("learningRate"), gradient], update);
}

function addMomentum(
  graph: GraphBuilder,
  { momentum, nesterov }: Extract<Optimizer, { readonly type: "sgd" }>,
  update: UpdateDeclaration,
): NodeReference {
  const { weight, slots, numbers, gradient } = update;
  const inputs = [weight, ...slots, numbers.nodeOf("learningRate"), gradient, graph.scalar(momentum)];
  return addApply(graph, "ResourceApplyKerasMomentum", inputs, update, { use_nesterov: attribute.boolean(nesterov) });
}

/** The bias corrections are in the step size already: the powers of the betas are given as 0. */
function addAdam(graph: GraphBuilder, { beta1, beta2, epsilon }: AdamRates, update: UpdateDeclaration): NodeReference {
  const { weight, slots, numbers, gradient } = update;
  const [none, ...constants] = [0, beta1, beta2, epsilon].map((value) => graph.scalar(value));
  if (none === undefined) throw new Error("unreachable: four constants were made");
  const inputs = [weight, ...slots, none, none, numbers.nodeOf("adamStepSize"), ...constants, gradient];
  return addApply(graph, "ResourceApplyAdam", inputs, update);
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
