import * as tf from "@tensorflow/tfjs-core";
import type { KernelModule } from "./kernel-module.ts";
import type { WasmHeap } from "./wasm-heap.ts";

/** One step of gradient descent. */
export interface SgdUpdate {
  /** The weights, float32; get a new buffer. */
  readonly variable: tf.Variable;
  /** Gradient of the loss, same shape. */
  readonly gradient: tf.Tensor;
  /** Slot of the same shape, zeros at first, updated in place; needed if momentum > 0. */
  readonly velocity?: tf.Tensor | undefined;
  readonly learningRate: number;
  /** Share of the velocity that is kept, 0..1; 0 = plain gradient descent. */
  readonly momentum: number;
  /** Whether to look ahead along the velocity (only with momentum > 0). */
  readonly nesterov: boolean;
}

/** One step of Adam. */
export interface AdamUpdate {
  /** The weights, float32; get a new buffer. */
  readonly variable: tf.Variable;
  /** Gradient of the loss, same shape. */
  readonly gradient: tf.Tensor;
  /** First moment: slot of the same shape, zeros at first, updated in place. */
  readonly m: tf.Tensor;
  /** Second moment: slot of the same shape, zeros at first, updated in place. */
  readonly v: tf.Tensor;
  /** Number of this step, the first is 1. */
  readonly step: number;
  readonly learningRate: number;
  /** Decay of the first moment, 0..1; Keras' default is 0.9. */
  readonly beta1: number;
  /** Decay of the second moment, 0..1; Keras' default is 0.999. */
  readonly beta2: number;
  /** Keeps the quotient finite; not bias-corrected; Keras' default is 1e-7. */
  readonly epsilon: number;
}

/**
 * Gradient descent as in Keras: v = momentum·v - learningRate·g, then w += v, or with Nesterov's rule
 * w += momentum·v - learningRate·g; without momentum w -= learningRate·g.
 * @throws RangeError if shapes or types differ, the velocity is missing, or somebody else holds its data
 * @see keras.optimizers.SGD
 */
export function applySgd({ functions, heap }: KernelModule, update: SgdUpdate): void {
  const { variable, gradient, velocity, learningRate, momentum, nesterov } = update;
  requireSameForm(variable, { gradient });
  if (momentum > 0 && velocity === undefined) throw new RangeError(`SGD with momentum ${momentum} needs a velocity`);
  const slot = momentum > 0 ? velocity : undefined;
  if (slot !== undefined) requireSlots(heap, variable, { velocity: slot });
  const newWeights = heap.allocate(variable.shape);
  const [weights, target, g] = [heap.addressOf(variable), heap.addressOf(newWeights), heap.addressOf(gradient)];
  if (slot === undefined) functions.updateSgd(variable.size, weights, g, target, learningRate);
  else {
    const v = heap.addressOf(slot);
    functions.updateMomentum(variable.size, weights, g, v, target, learningRate, momentum, nesterov ? 1 : 0);
  }
  assign(variable, newWeights);
}

/**
 * Adam as in Keras 3: m += (g - m)·(1 - beta1), v += (g² - v)·(1 - beta2), w -= alpha·m/(√v + epsilon) with
 * alpha = learningRate·√(1 - beta2^step)/(1 - beta1^step).
 * @throws RangeError if shapes or types differ, the step is below 1, or somebody else holds a slot's data
 * @see keras.optimizers.Adam
 */
export function applyAdam({ functions, heap }: KernelModule, update: AdamUpdate): void {
  const { variable, gradient, m, v, step, learningRate, beta1, beta2, epsilon } = update;
  if (!(step >= 1)) throw new RangeError(`Adam's step is ${step}, expected 1 or more`);
  requireSameForm(variable, { gradient });
  requireSlots(heap, variable, { m, v });
  const alpha = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  const newWeights = heap.allocate(variable.shape);
  functions.updateAdam(
    variable.size,
    heap.addressOf(variable),
    heap.addressOf(gradient),
    heap.addressOf(m),
    heap.addressOf(v),
    heap.addressOf(newWeights),
    alpha,
    1 - beta1,
    1 - beta2,
    epsilon,
  );
  assign(variable, newWeights);
}

/** Gives the variable its new buffer and frees the old one. */
function assign(variable: tf.Variable, newWeights: tf.TensorInfo): void {
  const tensor = tf.engine().makeTensorFromTensorInfo(newWeights);
  variable.assign(tensor);
  tensor.dispose();
}

function requireSameForm(variable: tf.Variable, tensors: Readonly<Record<string, tf.Tensor>>): void {
  for (const [name, tensor] of Object.entries({ variable, ...tensors })) {
    if (tensor.dtype === "float32" && tf.util.arraysEqual(tensor.shape, variable.shape)) continue;
    throw new RangeError(
      `optimizer update of ${variable.name}: ${name} is ${tensor.dtype} [${tensor.shape.join(", ")}], ` +
        `expected float32 [${variable.shape.join(", ")}]`,
    );
  }
}

/** Slots change in place, so their data must be theirs alone: a `clone` or a reshape of one would change as well. */
function requireSlots(heap: WasmHeap, variable: tf.Variable, slots: Readonly<Record<string, tf.Tensor>>): void {
  requireSameForm(variable, slots);
  for (const [name, slot] of Object.entries(slots)) {
    const owners = heap.ownerCount(slot);
    if (owners === 1) continue;
    throw new RangeError(
      `optimizer update of ${variable.name}: ${owners} tensors share the data of slot ${name}, which changes in place. ` +
        `Fix: dispose clones and reshapes of it before the step, and make each slot by tf.zerosLike.`,
    );
  }
}
