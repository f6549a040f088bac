import { add, div, maximum, mul, sqrt, square, sub } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../src/spec/schema/training.ts";

// Rules that are put together from TensorFlow.js operations: a few passes over the weights instead of one. They compute
// and assign nothing, so that the same rule runs at once on one engine and becomes part of a graph on another.

type OptimizerOf<Type extends Optimizer["type"]> = Extract<Optimizer, { readonly type: Type }>;

/** The decay rates of Adam in all its variants. */
export type AdamRates = Pick<OptimizerOf<"adam">, "beta1" | "beta2" | "epsilon">;

/** A number of a step: itself, or a scalar tensor where it is given for each step. */
export type StepNumber = number | Tensor;

/** What the rules need to know of a step. */
export interface StepNumbers {
  readonly learningRate: StepNumber;
  /** See `adamStepSize`; only Adam takes it. */
  readonly adamStepSize: StepNumber;
}

/** A weight and what is remembered of it, in the order of `optimizerSlots`. */
export interface WeightValues {
  readonly weight: Tensor;
  readonly slots: readonly Tensor[];
}

/** Computes what a weight and its slots become. */
export type ComposedRule = (before: WeightValues & { readonly gradient: Tensor }, numbers: StepNumbers) => WeightValues;

/** The rule of an optimizer that has no kernel of its own; undefined = it has one. */
export function composedRule(optimizer: Optimizer): ComposedRule | undefined {
  switch (optimizer.type) {
    case "sgd":
      return undefined;
    case "adam":
    case "adamw":
      return optimizer.amsgrad === true ? amsgradRule(optimizer) : undefined;
    case "rmsprop":
      return rmspropRule(optimizer);
    case "adagrad":
      return adagradRule(optimizer);
    default:
      return optimizer satisfies never;
  }
}

/**
 * Adam that divides by the largest second moment so far: m += (g − m)·(1 − beta1), v += (g² − v)·(1 − beta2),
 * v̂ = max(v̂, v), w −= alpha·m / (√v̂ + epsilon) with alpha = learningRate·√(1 − beta2^t) / (1 − beta1^t).
 * @see keras.optimizers.Adam with amsgrad=True
 */
function amsgradRule({ beta1, beta2, epsilon }: AdamRates): ComposedRule {
  return ({ weight, slots, gradient }, { adamStepSize }) => {
    const [m, v, vHat] = [slotAt(slots, 0), slotAt(slots, 1), slotAt(slots, 2)];
    const newM = add(m, mul(sub(gradient, m), 1 - beta1));
    const newV = add(v, mul(sub(square(gradient), v), 1 - beta2));
    const newVHat = maximum(vHat, newV);
    const change = div(mul(newM, adamStepSize), add(sqrt(newVHat), epsilon));
    return { weight: sub(weight, change), slots: [newM, newV, newVHat] };
  };
}

/**
 * v = rho·v + (1 − rho)·g², centred a = rho·a + (1 − rho)·g, the change is learningRate·g / √(v [− a²] + epsilon);
 * with momentum it adds to momentum times the last change.
 * @see keras.optimizers.RMSprop
 */
function rmspropRule({ rho, momentum, epsilon, centered }: OptimizerOf<"rmsprop">): ComposedRule {
  return ({ weight, slots, gradient }, { learningRate }) => {
    const newV = add(mul(slotAt(slots, 0), rho), mul(square(gradient), 1 - rho));
    const average = centered ? slotAt(slots, momentum > 0 ? 2 : 1) : undefined;
    const newAverage = average && add(mul(average, rho), mul(gradient, 1 - rho));
    const spread = newAverage === undefined ? newV : sub(newV, square(newAverage));
    const increment = div(mul(gradient, learningRate), sqrt(add(spread, epsilon)));
    const newChange = momentum > 0 ? add(mul(slotAt(slots, 1), momentum), increment) : undefined;
    return {
      weight: sub(weight, newChange ?? increment),
      slots: [newV, newChange, newAverage].filter((slot) => slot !== undefined),
    };
  };
}

/**
 * s += g², w −= learningRate·g / √(s + epsilon); s starts at initialAccumulatorValue.
 * @see keras.optimizers.Adagrad
 */
function adagradRule({ epsilon }: OptimizerOf<"adagrad">): ComposedRule {
  return ({ weight, slots, gradient }, { learningRate }) => {
    const sum = add(slotAt(slots, 0), square(gradient));
    const root = sqrt(add(sum, epsilon));
    return { weight: sub(weight, div(mul(gradient, learningRate), root)), slots: [sum] };
  };
}

function slotAt(slots: readonly Tensor[], index: number): Tensor {
  const slot = slots[index];
  if (slot === undefined) throw new RangeError(`the optimizer's slot ${index} is missing`);
  return slot;
}

/**
 * What a weight loses of itself, times the learning rate, before each step.
 * @param name of the weight: `<layer>/bias`, or `<layer>/gamma` and `<layer>/beta`, may be excluded
 * @see keras.optimizers.AdamW
 */
export function weightDecayOf(optimizer: Optimizer, name: string): number {
  if (optimizer.type !== "adamw") return 0;
  const { weightDecay, excludeFromWeightDecay = [] } = optimizer;
  return excludeFromWeightDecay.some((kind) => isOfKind(name, kind)) ? 0 : weightDecay;
}

/** A weight after its decay: w − w·weightDecay·learningRate, whatever its gradient is. */
export function decayed(weight: Tensor, weightDecay: number, learningRate: StepNumber): Tensor {
  return sub(weight, mul(mul(weight, weightDecay), learningRate));
}

function isOfKind(name: string, kind: "bias" | "normalization"): boolean {
  return kind === "bias" ? name.endsWith("/bias") : name.endsWith("/gamma") || name.endsWith("/beta");
}
