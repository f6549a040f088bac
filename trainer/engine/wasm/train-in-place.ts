import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { addBiasAndActivate } from "./bias.ts";
import { floatInput, type KernelArguments, textAttribute } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { runReluGradient } from "./register-activation.ts";

/** Name of our kernel that finishes a layer's product where it lies. Inputs `x` and `bias`, attribute `activation`. */
const FINISH_PRODUCT = "FinishProduct";

/** Activations that it knows, with the codes of `assembly/activation.ts`. */
const activationCodes = new Map([
  ["linear", 0],
  ["relu", 1],
]);

/**
 * Adds a bias and applies an activation without another copy of a layer's output. While training TensorFlow.js keeps
 * three: the product, what it is with the bias and what it is after the activation, though the gradient needs the last
 * one only.
 */
export function registerFinishProduct(kernels: KernelModule): void {
  replaceKernel(FINISH_PRODUCT, (parameters) => finishProduct(kernels, parameters));
  tf.registerGradient({
    kernelName: FINISH_PRODUCT,
    outputsToSave: [true],
    gradFunc: (dy, [output], attrs) => {
      if (Array.isArray(dy) || output === undefined) throw new Error(`${FINISH_PRODUCT} has one output`);
      const slope = (): tf.Tensor => (attrs["activation"] === "linear" ? tf.clone(dy) : runReluGradient(dy, output));
      // Asked for first if at all; it lives until the gradient of the product is done.
      let ofProduct: tf.Tensor | undefined;
      return {
        x: () => (ofProduct = slope()),
        bias: () => tf.sum(ofProduct ?? slope(), rowAxes(output)),
      };
    },
  });
}

function finishProduct(kernels: KernelModule, { inputs, attrs }: KernelArguments): tf.TensorInfo {
  const x = floatInput(inputs, "x");
  const code = activationCodes.get(textAttribute(attrs, "activation", "linear")) ?? 0;
  addBiasAndActivate(kernels, x, floatInput(inputs, "bias"), code, x);
  return kernels.heap.share(x);
}

/**
 * Lets a stock `Conv2D` or `Dense` layer be trained with one copy of its output instead of three; the numbers are the
 * same. Layers of other kinds, without bias, with dilation or with another activation stay as they are.
 */
export function trainInPlace(layer: layers.Layer): void {
  const multiply = productOf(layer);
  const activation: unknown = layer.getConfig()["activation"];
  if (multiply === undefined || typeof activation !== "string" || !activationCodes.has(activation)) return;
  const stockCall = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const [x] = Array.isArray(inputs) ? inputs : [inputs];
    const [kernel, bias] = layer.weights.map((weight) => weight.read());
    if (kwargs["training"] !== true || x === undefined || kernel === undefined || bias === undefined)
      return stockCall(inputs, kwargs);
    return tf.tidy(() => {
      const product = multiply(x, kernel);
      if (product === undefined) return stockCall(inputs, kwargs);
      return tf.engine().runKernel<tf.Tensor>(FINISH_PRODUCT, { x: product, bias }, { activation });
    });
  };
}

/** A layer's input times its kernel; undefined if the input has not the usual number of dimensions. */
type Product = (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor | undefined;

/** What a layer does before bias and activation, or undefined if that is not known here. */
function productOf(layer: layers.Layer): Product | undefined {
  const { strides, padding, dilationRate } = layer.getConfig();
  if (layer.getClassName() === "Dense") return (x, kernel) => (isRank2(x) ? tf.matMul(x, kernel) : undefined);
  if (layer.getClassName() !== "Conv2D" || !isPair(strides) || !isPair(dilationRate)) return undefined;
  if (dilationRate.some((rate) => rate !== 1)) return undefined;
  const pad = padding === "same" ? "same" : "valid";
  return (x, kernel) => (isRank4(x) && isRank4(kernel) ? tf.conv2d(x, kernel, strides, pad) : undefined);
}

/** All axes but the last. */
function rowAxes({ rank }: tf.Tensor): number[] {
  return Array.from({ length: rank - 1 }, (_, axis) => axis);
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "number");
}

function isRank2(tensor: tf.Tensor): tensor is tf.Tensor2D {
  return tensor.rank === 2;
}

function isRank4(tensor: tf.Tensor): tensor is tf.Tensor4D {
  return tensor.rank === 4;
}
