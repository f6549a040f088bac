import { tidy } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Ema } from "../../src/spec/schema/ema.ts";
import type { GradientClipping } from "../../src/spec/schema/optimizer.ts";
import type { Optimizer } from "../../src/spec/schema/training.ts";
import {
  type AdamRates,
  type ComposedRule,
  composedRule,
  decayed,
  type StepNumbers,
  weightDecayOf,
} from "./adaptive-updates.ts";
import { clipGradients } from "./gradient-clipping.ts";
import { adamStepSize, optimizerSlots } from "./optimizer-slots.ts";
import type { AdamUpdate, SgdUpdate } from "./wasm/optimizer-update.ts";
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

/** A step of gradient descent with its slot. */
export type SgdChange = SgdUpdate & { readonly velocity?: Variable | undefined };

/** A step of Adam with its slots. */
export type AdamChange = AdamUpdate & { readonly m: Variable; readonly v: Variable };

/** The rules that engines have in one pass over a weight. */
export interface UpdateKernels {
  applySgd(update: SgdChange): void;
  applyAdam(update: AdamChange): void;
}

/** What a rule is made of. */
export interface UpdateRuleRequest {
  readonly optimizer: Optimizer;
  readonly gradientClipping?: GradientClipping | undefined;
  readonly ema?: Ema | undefined;
}

/** The update rule of Keras' optimizer of the same name and parameters; its slots have Keras' names. */
export function createUpdateRule(
  kernels: UpdateKernels,
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

function createWeightUpdate(kernels: UpdateKernels, optimizer: Optimizer, weight: NamedVariable): WeightUpdate {
  const slots = optimizerSlots(optimizer).map(({ name, startValue }) => createSlot(weight, name, startValue));
  const weightDecay = weightDecayOf(optimizer, weight.name);
  const change = changeOf(kernels, optimizer, {
    weight: weight.variable,
    slots: slots.map(({ variable }) => variable),
  });
  return {
    weight,
    slots,
    apply: (gradient, options) => {
      if (weightDecay > 0) weight.variable.assign(decayed(weight.variable, weightDecay, options.learningRate));
      change(gradient, options);
    },
  };
}

/** A weight and its slots as they are between steps. */
interface WeightVariables {
  readonly weight: Variable;
  readonly slots: readonly Variable[];
}

function changeOf(kernels: UpdateKernels, optimizer: Optimizer, variables: WeightVariables): WeightUpdate["apply"] {
  const rule = composedRule(optimizer);
  if (rule !== undefined) return (gradient, options) => assignBy(rule, optimizer, variables, { gradient, ...options });
  switch (optimizer.type) {
    case "sgd":
      return sgdChange(kernels, optimizer, variables);
    case "adam":
    case "adamw":
      return adamChange(kernels, optimizer, variables);
    default:
      throw new Error(`the optimizer ${optimizer.type} has neither a rule nor a kernel`);
  }
}

function assignBy(
  rule: ComposedRule,
  optimizer: Optimizer,
  { weight, slots }: WeightVariables,
  { gradient, ...options }: StepOptions & { readonly gradient: Tensor },
): void {
  const after = rule({ weight, slots, gradient }, numbersOf(optimizer, options));
  weight.assign(after.weight);
  for (const [index, slot] of slots.entries()) slot.assign(after.slots[index] ?? slot);
}

/** The numbers of a step that composed rules take. */
export function numbersOf(optimizer: Optimizer, options: StepOptions): Readonly<Record<keyof StepNumbers, number>> {
  const isAdam = optimizer.type === "adam" || optimizer.type === "adamw";
  return { learningRate: options.learningRate, adamStepSize: isAdam ? adamStepSize(optimizer, options) : 0 };
}

function sgdChange(
  kernels: UpdateKernels,
  { momentum, nesterov }: Extract<Optimizer, { readonly type: "sgd" }>,
  { weight: variable, slots: [velocity] }: WeightVariables,
): WeightUpdate["apply"] {
  return (gradient, { learningRate }) =>
    kernels.applySgd({ variable, gradient, velocity, learningRate, momentum, nesterov });
}

function adamChange(
  kernels: UpdateKernels,
  { beta1, beta2, epsilon }: AdamRates,
  { weight: variable, slots: [m, v] }: WeightVariables,
): WeightUpdate["apply"] {
  if (m === undefined || v === undefined) throw new Error(`Adam's slots of ${variable.name} are missing`);
  // Keras counts from 1; at 0 the bias correction would divide by zero.
  return (gradient, { step, learningRate }) =>
    kernels.applyAdam({ variable, gradient, m, v, step: step + 1, learningRate, beta1, beta2, epsilon });
}
