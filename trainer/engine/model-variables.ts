import { tensor, tidy, Variable } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { PlannedModel } from "../../src/plan/plan.ts";
import { fromTfjsName } from "../../src/record/weight-names.ts";
import type { NamedTensor } from "./engine.ts";
import type { NamedVariable } from "./weight-update.ts";

/** The weights of a tfjs model, in the order of the planned layers. */
export interface ModelVariables {
  readonly weights: readonly NamedVariable[];
  /** The weights that gradients change: without frozen ones and moving statistics. */
  readonly trained: readonly NamedVariable[];
}

/** The weights of a model that was built from a plan. */
export function variablesOf(built: LayersModel, { layers }: PlannedModel): ModelVariables {
  const planned = layers.map(({ name }) => built.getLayer(name));
  return {
    weights: planned.flatMap((layer) => layer.weights.map(toNamedVariable)),
    trained: planned.flatMap((layer) => layer.trainableWeights.map(toNamedVariable)),
  };
}

/** A tfjs weight under the name that records call it. */
export function toNamedVariable(weight: LayersModel["weights"][number]): NamedVariable {
  const variable = weight.read();
  if (!(variable instanceof Variable)) throw new TypeError(`weight ${weight.originalName} is not a variable`);
  return { name: fromTfjsName(weight.originalName), variable };
}

/** The current value of a variable. */
export function readVariable({ name, variable }: NamedVariable): NamedTensor {
  return { name, shape: variable.shape, values: variable.dataSync<"float32">() };
}

/** Sets variables. @throws Error unless there is a tensor for each of them and no other */
export function writeVariables(variables: readonly NamedVariable[], tensors: readonly NamedTensor[]): void {
  const byName = new Map(tensors.map((named) => [named.name, named]));
  if (byName.size !== variables.length)
    throw new Error(`the state has ${byName.size} tensors, the model ${variables.length}`);
  for (const { name, variable } of variables) {
    const given = byName.get(name);
    if (given === undefined) throw new Error(`the state has no tensor ${name}`);
    tidy(() => variable.assign(tensor(given.values, [...given.shape])));
  }
}
