import * as tf from "@tensorflow/tfjs-core";
import { addBiasAndActivate, isOnePerColumn } from "./bias.ts";
import { floatInput, type KernelArguments, optionalInput } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";

/** Name of our kernel for relu's gradient; TensorFlow.js has none. Inputs `dy` and `x`. */
const RELU_GRADIENT = "ReluGrad";

/**
 * What goes with a layer's product: adding a bias (the backend's general broadcast takes 3 to 7 times as long), tanh (12
 * times), and relu's gradient in one pass instead of three.
 */
export function registerActivation(kernels: KernelModule): void {
  const stockAdd = kernels.stockKernel(tf.Add);
  replaceKernel(tf.Add, (parameters) => addBias(kernels, parameters) ?? stockAdd(parameters));
  const stockTanh = kernels.stockKernel(tf.Tanh);
  replaceKernel(tf.Tanh, (parameters) => tanh(kernels, parameters) ?? stockTanh(parameters));
  replaceKernel(RELU_GRADIENT, (parameters) => reluGradient(kernels, parameters));
  replaceReluGradient();
}

function addBias(kernels: KernelModule, { inputs }: KernelArguments): tf.TensorInfo | undefined {
  const a = optionalInput(inputs, "a");
  const bias = optionalInput(inputs, "b");
  if (a === undefined || bias === undefined || a.dtype !== "float32") return undefined;
  if (a.shape.length < 2 || bias.shape.length !== 1 || !isOnePerColumn(bias, a)) return undefined;
  const output = kernels.heap.allocate(a.shape);
  addBiasAndActivate(kernels, a, bias, 0, output);
  return output;
}

function tanh({ functions, heap }: KernelModule, { inputs }: KernelArguments): tf.TensorInfo | undefined {
  const x = optionalInput(inputs, "x");
  if (x === undefined || x.dtype !== "float32") return undefined;
  const output = heap.allocate(x.shape);
  functions.tanh(heap.addressOf(x), tf.util.sizeFromShape(x.shape), heap.addressOf(output));
  return output;
}

function reluGradient({ functions, heap }: KernelModule, { inputs }: KernelArguments): tf.TensorInfo {
  const x = floatInput(inputs, "x");
  const dy = floatInput(inputs, "dy");
  const dx = heap.allocate(x.shape);
  functions.reluGradient(heap.addressOf(x), heap.addressOf(dy), tf.util.sizeFromShape(x.shape), heap.addressOf(dx));
  return dx;
}

/** Gradients are registered for all backends at once: others than ours keep the old one. */
function replaceReluGradient(): void {
  const stock = tf.getGradient(tf.Relu);
  tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved;
      if (tf.getBackend() !== "wasm" || x === undefined || Array.isArray(dy)) return stock.gradFunc(dy, saved, attrs);
      return { x: () => runReluGradient(dy, x) };
    },
  });
}

/** Relu's gradient. @param x what relu was applied to, or what came out: both are positive at the same places */
export function runReluGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel<tf.Tensor>(RELU_GRADIENT, { dy, x });
}
