// Optimizer updates in one pass over the parameters, with the rules of Keras. New weights go to a new buffer: the backend
// may hold packed copies of the old ones. Slots are updated in place.

import { LANES, floatAt } from "./layout";

/**
 * Gradient descent without momentum: newWeights = weights - learningRate·gradient.
 * @param count number of parameters
 * @param weights shape [count]
 * @param gradient shape [count]
 * @param newWeights shape [count], overwritten
 * @param learningRate step size
 */
export function updateSgd(count: i32, weights: usize, gradient: usize, newWeights: usize, learningRate: f32): void {
  let i = 0;
  const rates = f32x4.splat(learningRate);
  for (; i + LANES <= count; i += LANES) {
    const step = f32x4.mul(rates, v128.load(floatAt(gradient, i)));
    v128.store(floatAt(newWeights, i), f32x4.sub(v128.load(floatAt(weights, i)), step));
  }
  for (; i < count; i++) {
    const step = learningRate * load<f32>(floatAt(gradient, i));
    store<f32>(floatAt(newWeights, i), load<f32>(floatAt(weights, i)) - step);
  }
}

/**
 * Gradient descent with momentum: velocity = momentum·velocity - learningRate·gradient, then
 * newWeights = weights + velocity, or with Nesterov's rule weights + momentum·velocity - learningRate·gradient.
 * @param count number of parameters
 * @param weights shape [count]
 * @param gradient shape [count]
 * @param velocity shape [count], updated in place
 * @param newWeights shape [count], overwritten
 * @param learningRate step size
 * @param momentum share of the velocity that is kept
 * @param nesterov 0 or 1
 */
export function updateMomentum(
  count: i32,
  weights: usize,
  gradient: usize,
  velocity: usize,
  newWeights: usize,
  learningRate: f32,
  momentum: f32,
  nesterov: i32,
): void {
  const rates = f32x4.splat(learningRate), momenta = f32x4.splat(momentum);
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    const step = f32x4.mul(rates, v128.load(floatAt(gradient, i)));
    const newVelocity = f32x4.sub(f32x4.mul(momenta, v128.load(floatAt(velocity, i))), step);
    const change = nesterov ? f32x4.sub(f32x4.mul(momenta, newVelocity), step) : newVelocity;
    v128.store(floatAt(velocity, i), newVelocity);
    v128.store(floatAt(newWeights, i), f32x4.add(v128.load(floatAt(weights, i)), change));
  }
  for (; i < count; i++) {
    const step = learningRate * load<f32>(floatAt(gradient, i));
    const newVelocity = momentum * load<f32>(floatAt(velocity, i)) - step;
    const change = nesterov ? momentum * newVelocity - step : newVelocity;
    store<f32>(floatAt(velocity, i), newVelocity);
    store<f32>(floatAt(newWeights, i), load<f32>(floatAt(weights, i)) + change);
  }
}

/**
 * Adam: m += (gradient - m)·(1 - beta1), v += (gradient² - v)·(1 - beta2), newWeights = weights - alpha·m/(√v + epsilon).
 * @param count number of parameters
 * @param weights shape [count]
 * @param gradient shape [count]
 * @param m first moment, shape [count], updated in place
 * @param v second moment, shape [count], updated in place
 * @param newWeights shape [count], overwritten
 * @param alpha learning rate with the bias correction of this step
 * @param oneMinusBeta1 1 - beta1
 * @param oneMinusBeta2 1 - beta2
 * @param epsilon keeps the quotient finite
 */
export function updateAdam(
  count: i32,
  weights: usize,
  gradient: usize,
  m: usize,
  v: usize,
  newWeights: usize,
  alpha: f32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
): void {
  const alphas = f32x4.splat(alpha), epsilons = f32x4.splat(epsilon);
  const rates1 = f32x4.splat(oneMinusBeta1), rates2 = f32x4.splat(oneMinusBeta2);
  let i = 0;
  for (; i + LANES <= count; i += LANES) {
    const g = v128.load(floatAt(gradient, i));
    const oldM = v128.load(floatAt(m, i)), oldV = v128.load(floatAt(v, i));
    const newM = f32x4.add(oldM, f32x4.mul(f32x4.sub(g, oldM), rates1));
    const newV = f32x4.add(oldV, f32x4.mul(f32x4.sub(f32x4.mul(g, g), oldV), rates2));
    const step = f32x4.div(f32x4.mul(alphas, newM), f32x4.add(f32x4.sqrt(newV), epsilons));
    v128.store(floatAt(m, i), newM);
    v128.store(floatAt(v, i), newV);
    v128.store(floatAt(newWeights, i), f32x4.sub(v128.load(floatAt(weights, i)), step));
  }
  for (; i < count; i++) {
    const g = load<f32>(floatAt(gradient, i));
    const oldM = load<f32>(floatAt(m, i)), oldV = load<f32>(floatAt(v, i));
    const newM = oldM + (g - oldM) * oneMinusBeta1;
    const newV = oldV + (g * g - oldV) * oneMinusBeta2;
    store<f32>(floatAt(m, i), newM);
    store<f32>(floatAt(v, i), newV);
    store<f32>(floatAt(newWeights, i), load<f32>(floatAt(weights, i)) - (alpha * newM) / (sqrt<f32>(newV) + epsilon));
  }
}
