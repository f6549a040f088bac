import { add, div, mul, sqrt, square, sub, tidy } from "@tensorflow/tfjs-core";
import { adamStepSize } from "../optimizer-slots.ts";
import type { AdamChange, SgdChange, UpdateKernels } from "../update-rule.ts";

/** The rules of which the embedded engine has kernels, operation by operation. */
export const operationKernels: UpdateKernels = {
  applySgd: (update) => tidy(() => applySgd(update)),
  applyAdam: (update) => tidy(() => applyAdam(update)),
};

function applySgd({ variable, gradient, velocity, learningRate, momentum, nesterov }: SgdChange): void {
  const move = mul(gradient, -learningRate);
  if (velocity === undefined) return variable.assign(add(variable, move));
  const newVelocity = add(mul(velocity, momentum), move);
  velocity.assign(newVelocity);
  variable.assign(add(variable, nesterov ? add(mul(newVelocity, momentum), move) : newVelocity));
}

function applyAdam({ variable, gradient, m, v, step, learningRate, beta1, beta2, epsilon }: AdamChange): void {
  const newM = add(m, mul(sub(gradient, m), 1 - beta1));
  const newV = add(v, mul(sub(square(gradient), v), 1 - beta2));
  m.assign(newM);
  v.assign(newV);
  const size = adamStepSize({ beta1, beta2 }, { step: step - 1, learningRate });
  variable.assign(sub(variable, div(mul(newM, size), add(sqrt(newV), epsilon))));
}
