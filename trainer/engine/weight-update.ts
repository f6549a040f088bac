import { fill, variable } from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";

/** A variable and what it is called in records. */
export interface NamedVariable {
  readonly name: string;
  readonly variable: Variable;
}

/** When a step is taken, and how far it goes. */
export interface StepOptions {
  /** Optimizer steps done before, from 0. */
  readonly step: number;
  readonly learningRate: number;
}

/** How the gradient changes one weight tensor. */
export interface WeightUpdate {
  readonly weight: NamedVariable;
  /** What is remembered between steps. */
  readonly slots: readonly NamedVariable[];
  apply(gradient: Tensor, options: StepOptions): void;
}

/** A slot `<weight>/<slot>` of the weight's shape, every entry of which starts with the same value. */
export function createSlot({ name, variable: like }: NamedVariable, slot: string, startValue = 0): NamedVariable {
  const start = fill(like.shape, startValue);
  const created = variable(start, false);
  // The kernels change slots in place and refuse one whose data somebody else holds as well.
  start.dispose();
  return { name: `${name}/${slot}`, variable: created };
}
