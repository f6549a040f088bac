import { zeros, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { type AdamRates, composedRule, decayed, weightDecayOf, type ComposedRule } from "../adaptive-updates.ts";
import { nextAverage } from "../weight-average.ts";
import type { GraphBuilder, NodeReference } from "./graph-def.ts";
import { assign, readVariable, type WeightResources } from "./graph-variables.ts";
import type { GraphKit } from "./operation-writer.ts";
import { addFusedUpdate, addJointAdam, isAdam } from "./optimizer-nodes.ts";
import type { GraphNumbers, LearningRules } from "./step-numbers.ts";
import type { Trace } from "./trace.ts";

/** What updates are written into. */
export interface UpdateContext {
  readonly graph: GraphBuilder;
  readonly trace: Trace;
  readonly numbers: GraphNumbers;
  readonly kit: GraphKit;
  readonly rules: LearningRules;
  /** What must have happened before anything is read. */
  readonly before: readonly NodeReference[];
  /** What must have happened before any weight changes: all of them must have been read. */
  readonly after: readonly NodeReference[];
}

/** A weight that is to be changed. */
export interface UpdatedWeight {
  /** As in records. */
  readonly name: string;
  readonly variable: Variable;
  readonly resources: WeightResources;
  readonly gradient: Tensor;
}

/**
 * Adds the changes of weights, their slots and their moving averages in one step, by the rules that are used operation by
 * operation elsewhere. @returns the nodes to wait for
 */
export function addWeightUpdates(context: UpdateContext, updates: readonly UpdatedWeight[]): NodeReference[] {
  const rule = composedRule(context.rules.optimizer);
  if (rule === undefined && context.kit.hasOwnOperations && isAdam(context.rules.optimizer) && updates.length > 0) {
    const changes = addAllOfAdam(context, context.rules.optimizer, updates);
    return [...changes, ...updates.flatMap((updated) => addAverage(context, updated, changes))];
  }
  return updates.flatMap((updated) => {
    const changes = rule === undefined ? addFused(context, updated) : addComposed(context, updated, rule);
    return [...changes, ...addAverage(context, updated, changes)];
  });
}

/** One operation that changes weight and slots in place. */
function addFused(context: UpdateContext, updated: UpdatedWeight): NodeReference[] {
  const { graph, trace, numbers, rules } = context;
  const { resources, gradient } = updated;
  const after = afterDecay(context, updated);
  return [addFusedUpdate(graph, rules.optimizer, { ...resources, gradient: trace.nodeOf(gradient), numbers, after })];
}

/** One operation for all weights. */
function addAllOfAdam(context: UpdateContext, rates: AdamRates, updates: readonly UpdatedWeight[]): NodeReference[] {
  const { graph, trace, numbers } = context;
  const all = updates.map(({ resources, gradient }) => ({ ...resources, gradient: trace.nodeOf(gradient) }));
  const after = [...new Set(updates.flatMap((updated) => afterDecay(context, updated)))];
  return [addJointAdam(graph, rates, { updates: all, numbers, after })];
}

/** What has decayed must be there before the update reads it. @returns what to wait for */
function afterDecay(context: UpdateContext, updated: UpdatedWeight): readonly NodeReference[] {
  const { graph, trace, after } = context;
  const weight = decayedWeight(context, updated);
  return weight === undefined ? after : [assign(graph, updated.resources.weight, trace.nodeOf(weight), after)];
}

function addComposed(context: UpdateContext, updated: UpdatedWeight, rule: ComposedRule): NodeReference[] {
  const { graph, trace, numbers, after } = context;
  const { resources, gradient, variable } = updated;
  const slots = resources.slots.map((slot) => readInto(context, slot, variable.shape));
  const weight = decayedWeight(context, updated) ?? variable;
  const given = {
    get learningRate() {
      return numbers.tensorOf("learningRate");
    },
    get adamStepSize() {
      return numbers.tensorOf("adamStepSize");
    },
  };
  const next = trace.record(() => rule({ weight, slots, gradient }, given));
  const targets = [resources.weight, ...resources.slots];
  return [next.weight, ...next.slots].map((value, index) =>
    assign(graph, targets[index] ?? "", trace.nodeOf(value), after),
  );
}

function decayedWeight(
  { trace, numbers, rules }: UpdateContext,
  { name, variable }: UpdatedWeight,
): Tensor | undefined {
  const weightDecay = weightDecayOf(rules.optimizer, name);
  if (weightDecay === 0) return undefined;
  return trace.record(() => decayed(variable, weightDecay, numbers.tensorOf("learningRate")));
}

/** @returns the nodes to wait for: none if no average is kept */
function addAverage(
  context: UpdateContext,
  { resources, variable }: UpdatedWeight,
  changes: readonly NodeReference[],
): readonly NodeReference[] {
  const { graph, trace, numbers } = context;
  const { average } = resources;
  if (average === undefined) return [];
  const before = readInto(context, average, variable.shape);
  const weight = readInto(context, resources.weight, variable.shape, changes);
  const shares = { kept: numbers.tensorOf("kept"), taken: numbers.tensorOf("taken") };
  const next = trace.record(() => nextAverage(before, weight, shares));
  return [assign(graph, average, trace.nodeOf(next))];
}

/** A tensor that stands for the value of a resource. */
function readInto(
  { graph, trace, before }: UpdateContext,
  resource: NodeReference,
  shape: readonly number[],
  after: readonly NodeReference[] = before,
): Tensor {
  const value = zeros([...shape]);
  trace.bind(value, readVariable(graph, resource, after));
  return value;
}
