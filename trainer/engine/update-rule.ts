import { variable, zeros } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../src/spec/schema/training.ts";
import type { WasmKernels } from "./wasm/install-wasm-kernels.ts";

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

/** How gradients change the weights of a model. */
export interface UpdateRule {
  /** What the rule remembers between steps, by `<weight>/<slot>` in weight order. */
  readonly slots: readonly NamedVariable[];
  /** Changes all weights. @param gradients by the names of the weights' variables */
  apply(gradients: NamedTensorMap, options: StepOptions): void;
}

/** The update rule of Keras' optimizer of the same name and parameters; its slots have Keras' names and start at 0. */
export function createUpdateRule(
  kernels: WasmKernels,
  optimizer: Optimizer,
  weights: readonly NamedVariable[],
): UpdateRule {
  const updates = weights.map((weight) => createWeightUpdate(kernels, optimizer, weight));
  return {
    slots: updates.flatMap(({ slots }) => slots),
    apply: (gradients, options) => {
      for (const update of updates) {
        const gradient = gradients[update.weight.variable.name];
        if (gradient === undefined) throw new Error(`there is no gradient for ${update.weight.name}`);
        update.apply(gradient, options);
      }
    },
  };
}

interface WeightUpdate {
  readonly weight: NamedVariable;
  readonly slots: readonly NamedVariable[];
  apply(gradient: Tensor, options: StepOptions): void;
}

function createWeightUpdate(kernels: WasmKernels, optimizer: Optimizer, weight: NamedVariable): WeightUpdate {
  switch (optimizer.type) {
    case "sgd":
      return createSgdUpdate(kernels, optimizer, weight);
    case "adam":
      return createAdamUpdate(kernels, optimizer, weight);
    default:
      return optimizer satisfies never;
  }
}

function createSgdUpdate(
  kernels: WasmKernels,
  { momentum, nesterov }: Extract<Optimizer, { readonly type: "sgd" }>,
  weight: NamedVariable,
): WeightUpdate {
  const slots = momentum > 0 ? [createSlot(weight, "momentum")] : [];
  return {
    weight,
    slots,
    apply: (gradient, { learningRate }) => {
      const velocity = slots[0]?.variable;
      kernels.applySgd({ variable: weight.variable, gradient, velocity, learningRate, momentum, nesterov });
    },
  };
}

function createAdamUpdate(
  kernels: WasmKernels,
  { beta1, beta2, epsilon }: Extract<Optimizer, { readonly type: "adam" }>,
  weight: NamedVariable,
): WeightUpdate {
  const momentum = createSlot(weight, "momentum");
  const velocity = createSlot(weight, "velocity");
  return {
    weight,
    slots: [momentum, velocity],
    apply: (gradient, { step, learningRate }) => {
      kernels.applyAdam({
        variable: weight.variable,
        gradient,
        m: momentum.variable,
        v: velocity.variable,
        // Keras counts from 1; at 0 the bias correction would divide by zero.
        step: step + 1,
        learningRate,
        beta1,
        beta2,
        epsilon,
      });
    },
  };
}

function createSlot({ name, variable: like }: NamedVariable, slot: string): NamedVariable {
  const start = zeros(like.shape);
  const created = variable(start, false);
  // The kernels change slots in place and refuse one whose data somebody else holds as well.
  start.dispose();
  return { name: `${name}/${slot}`, variable: created };
}
