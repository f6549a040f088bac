import { add, div, maximum, mul, sqrt, square, sub } from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../src/spec/schema/training.ts";
import { createSlot, type NamedVariable, type WeightUpdate } from "./weight-update.ts";

// Rules that are put together from TensorFlow.js operations: a few passes over the weights instead of one.

type OptimizerOf<Type extends Optimizer["type"]> = Extract<Optimizer, { readonly type: Type }>;

/** The decay rates of Adam in all its variants. */
export type AdamRates = Pick<OptimizerOf<"adam">, "beta1" | "beta2" | "epsilon">;

/**
 * Adam that divides by the largest second moment so far: m += (g − m)·(1 − beta1), v += (g² − v)·(1 − beta2),
 * v̂ = max(v̂, v), w −= alpha·m / (√v̂ + epsilon) with alpha = learningRate·√(1 − beta2^t) / (1 − beta1^t).
 * @see keras.optimizers.Adam with amsgrad=True
 */
export function createAmsgradUpdate({ beta1, beta2, epsilon }: AdamRates, weight: NamedVariable): WeightUpdate {
  const momentum = createSlot(weight, "momentum");
  const velocity = createSlot(weight, "velocity");
  const velocityHat = createSlot(weight, "velocity_hat");
  return {
    weight,
    slots: [momentum, velocity, velocityHat],
    apply: (gradient, { step, learningRate }) => {
      const [m, v, vHat] = [momentum.variable, velocity.variable, velocityHat.variable];
      const alpha = (learningRate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
      m.assign(add(m, mul(sub(gradient, m), 1 - beta1)));
      v.assign(add(v, mul(sub(square(gradient), v), 1 - beta2)));
      vHat.assign(maximum(vHat, v));
      weight.variable.assign(sub(weight.variable, div(mul(m, alpha), add(sqrt(vHat), epsilon))));
    },
  };
}

/**
 * An update before which the weight decays: w −= w·weightDecay·learningRate, whatever its gradient is.
 * @see keras.optimizers.AdamW
 */
export function withWeightDecay(update: WeightUpdate, optimizer: OptimizerOf<"adamw">): WeightUpdate {
  const { weightDecay, excludeFromWeightDecay = [] } = optimizer;
  const { name, variable } = update.weight;
  if (weightDecay === 0 || excludeFromWeightDecay.some((kind) => isOfKind(name, kind))) return update;
  return {
    ...update,
    apply: (gradient, options) => {
      variable.assign(sub(variable, mul(mul(variable, weightDecay), options.learningRate)));
      update.apply(gradient, options);
    },
  };
}

/** Whether a weight is called as those of a kind are: `<layer>/bias`, or `<layer>/gamma` and `<layer>/beta`. */
function isOfKind(name: string, kind: "bias" | "normalization"): boolean {
  return kind === "bias" ? name.endsWith("/bias") : name.endsWith("/gamma") || name.endsWith("/beta");
}

/**
 * v = rho·v + (1 − rho)·g², centred a = rho·a + (1 − rho)·g, the change is learningRate·g / √(v [− a²] + epsilon);
 * with momentum it adds to momentum times the last change.
 * @see keras.optimizers.RMSprop
 */
export function createRmspropUpdate(
  { rho, momentum, epsilon, centered }: OptimizerOf<"rmsprop">,
  weight: NamedVariable,
): WeightUpdate {
  const velocity = createSlot(weight, "velocity");
  const change = momentum > 0 ? createSlot(weight, "momentum") : undefined;
  const average = centered ? createSlot(weight, "average_gradient") : undefined;
  return {
    weight,
    slots: [velocity, change, average].filter((slot) => slot !== undefined),
    apply: (gradient, { learningRate }) => {
      const [v, a] = [velocity.variable, average?.variable];
      v.assign(add(mul(v, rho), mul(square(gradient), 1 - rho)));
      a?.assign(add(mul(a, rho), mul(gradient, 1 - rho)));
      const spread = a === undefined ? v : sub(v, square(a));
      const increment = div(mul(gradient, learningRate), sqrt(add(spread, epsilon)));
      change?.variable.assign(add(mul(change.variable, momentum), increment));
      weight.variable.assign(sub(weight.variable, change?.variable ?? increment));
    },
  };
}

/**
 * s += g², w −= learningRate·g / √(s + epsilon); s starts at initialAccumulatorValue.
 * @see keras.optimizers.Adagrad
 */
export function createAdagradUpdate(
  { initialAccumulatorValue, epsilon }: OptimizerOf<"adagrad">,
  weight: NamedVariable,
): WeightUpdate {
  const accumulator = createSlot(weight, "accumulator", initialAccumulatorValue);
  return {
    weight,
    slots: [accumulator],
    apply: (gradient, { learningRate }) => {
      accumulator.variable.assign(add(accumulator.variable, square(gradient)));
      const root = sqrt(add(accumulator.variable, epsilon));
      weight.variable.assign(sub(weight.variable, div(mul(gradient, learningRate), root)));
    },
  };
}
