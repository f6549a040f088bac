import { tidy } from "@tensorflow/tfjs-core";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import type { Ema } from "../../src/spec/schema/ema.ts";
import type { GradientClipping } from "../../src/spec/schema/optimizer.ts";
import type { Optimizer } from "../../src/spec/schema/training.ts";
import {
  type AdamRates,
  createAdagradUpdate,
  createAmsgradUpdate,
  createRmspropUpdate,
  withWeightDecay,
} from "./adaptive-updates.ts";
import { clipGradients } from "./gradient-clipping.ts";
import type { WasmKernels } from "./wasm/install-wasm-kernels.ts";
import { createWeightAverages } from "./weight-average.ts";
import { createSlot, type NamedVariable, type StepOptions, type WeightUpdate } from "./weight-update.ts";

/** How gradients change the weights of a model. */
export interface UpdateRule {
  /** What the rule remembers between steps, by `<weight>/<slot>` in weight order. */
  readonly slots: readonly NamedVariable[];
  /** Changes all weights. @param gradients by the names of the weights' variables; they may be freed */
  apply(gradients: NamedTensorMap, options: StepOptions): void;
  /** Does something with the weights that are evaluated: their averages if the rule has any, else themselves. */
  withEvaluatedWeights<Result>(act: () => Result): Result;
}

/** What a rule is made of. */
export interface UpdateRuleRequest {
  readonly optimizer: Optimizer;
  readonly gradientClipping?: GradientClipping | undefined;
  readonly ema?: Ema | undefined;
}

/** The update rule of Keras' optimizer of the same name and parameters; its slots have Keras' names. */
export function createUpdateRule(
  kernels: WasmKernels,
  { optimizer, gradientClipping, ema }: UpdateRuleRequest,
  weights: readonly NamedVariable[],
): UpdateRule {
  const updates = weights.map((weight) => createWeightUpdate(kernels, optimizer, weight));
  const averages = ema && createWeightAverages(ema, weights);
  return {
    slots: [...updates.flatMap(({ slots }) => slots), ...(averages?.slots ?? [])],
    apply: (gradients, options) => {
      const clipped = clipGradients(gradients, gradientClipping);
      for (const update of updates) {
        const gradient = clipped[update.weight.variable.name];
        if (gradient === undefined) throw new Error(`there is no gradient for ${update.weight.name}`);
        tidy(() => update.apply(gradient, options));
      }
      averages?.update(options.step);
    },
    withEvaluatedWeights: (act) => (averages === undefined ? act() : averages.during(act)),
  };
}

function createWeightUpdate(kernels: WasmKernels, optimizer: Optimizer, weight: NamedVariable): WeightUpdate {
  switch (optimizer.type) {
    case "sgd":
      return createSgdUpdate(kernels, optimizer, weight);
    case "adam":
      return createAdamUpdate(kernels, optimizer, weight);
    case "adamw":
      return withWeightDecay(createAdamUpdate(kernels, optimizer, weight), optimizer);
    case "rmsprop":
      return createRmspropUpdate(optimizer, weight);
    case "adagrad":
      return createAdagradUpdate(optimizer, weight);
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
  { beta1, beta2, epsilon, amsgrad }: AdamRates & { readonly amsgrad?: boolean | undefined },
  weight: NamedVariable,
): WeightUpdate {
  if (amsgrad === true) return createAmsgradUpdate({ beta1, beta2, epsilon }, weight);
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
