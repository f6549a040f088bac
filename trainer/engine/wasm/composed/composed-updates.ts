import { add, div, mul, sqrt, square, sub, tidy } from "@tensorflow/tfjs-core";
import type { AdamChange, SgdChange, UpdateKernels } from "../../update-rule.ts";

/** The rules that our own kernels have in one pass over a weight, operation by operation. */
export const composedUpdates: UpdateKernels = {
  applySgd: (update) => tidy(() => applySgd(update)),
  applyAdam: (update) => tidy(() => applyAdam(update)),
};

/** See `applySgd` of optimizer-update.ts. */
function applySgd({ variable, gradient, velocity, learningRate, momentum, nesterov }: SgdChange): void {
  const change = mul(gradient, -learningRate);
  if (velocity === undefined || momentum === 0) return variable.assign(add(variable, change));
  const newVelocity = add(mul(velocity, momentum), change);
  variable.assign(add(variable, nesterov ? add(mul(newVelocity, momentum), change) : newVelocity));
  velocity.assign(newVelocity);
}

/** See `applyAdam` of optimizer-update.ts. */
function applyAdam({ variable, gradient, m, v, step, learningRate, beta1, beta2, epsilon }: AdamChange): void {
  const alpha = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  const newM = add(m, mul(sub(gradient, m), 1 - beta1));
  const newV = add(v, mul(sub(square(gradient), v), 1 - beta2));
  variable.assign(sub(variable, div(mul(newM, alpha), add(sqrt(newV), epsilon))));
  m.assign(newM);
  v.assign(newV);
}
