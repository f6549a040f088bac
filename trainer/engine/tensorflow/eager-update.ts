import { add, div, mul, scalar, sqrt, square, sub, tidy, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../../src/spec/schema/training.ts";
import { adamStepSize } from "./optimizer-slots.ts";

/** One weight, what its optimizer remembers of it, and its gradient. */
export interface WeightGradient {
  readonly weight: Variable;
  /** In the order of `slotNames`. */
  readonly slots: readonly Variable[];
  readonly gradient: Tensor;
}

/** Changes a weight as the Keras optimizer of the same name does, operation by operation. @param step steps before, from 0 */
export function updateEagerly(
  optimizer: Optimizer,
  update: WeightGradient,
  options: { readonly step: number; readonly learningRate: number },
): void {
  tidy(() => {
    if (optimizer.type === "sgd") updateBySgd(optimizer, update, options.learningRate);
    else updateByAdam(optimizer, update, options);
  });
}

function updateBySgd(
  { momentum, nesterov }: Extract<Optimizer, { readonly type: "sgd" }>,
  { weight, slots: [velocity], gradient }: WeightGradient,
  learningRate: number,
): void {
  const move = mul(gradient, -learningRate);
  if (velocity === undefined) return weight.assign(add(weight, move));
  velocity.assign(add(mul(velocity, momentum), move));
  weight.assign(add(weight, nesterov ? add(mul(velocity, momentum), move) : velocity));
}

function updateByAdam(
  { beta1, beta2, epsilon }: Extract<Optimizer, { readonly type: "adam" }>,
  { weight, slots: [m, v], gradient }: WeightGradient,
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
): void {
  if (m === undefined || v === undefined) throw new Error(`Adam's slots of ${weight.name} are missing`);
  m.assign(add(m, mul(sub(gradient, m), scalar(1 - beta1))));
  v.assign(add(v, mul(sub(square(gradient), v), scalar(1 - beta2))));
  const size = adamStepSize({ beta1, beta2 }, { step, learningRate });
  weight.assign(sub(weight, div(mul(m, size), add(sqrt(v), scalar(epsilon)))));
}
