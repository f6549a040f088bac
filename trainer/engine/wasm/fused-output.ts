import type { TensorInfo } from "@tensorflow/tfjs-core";
import { addBiasAndActivate, isOnePerColumn } from "./bias.ts";
import { type KernelArguments, optionalInput, textAttribute } from "./kernel-arguments.ts";
import type { KernelModule } from "./kernel-module.ts";
import type { Kernel } from "./replace-kernel.ts";

/** Activations that are applied in one pass together with the bias; the codes of `assembly/activation.ts`. */
const activationCodes = new Map([
  ["linear", 0],
  ["relu", 1],
  ["relu6", 2],
]);

/** The backend's kernels for activations (linear needs none). */
const activationKernels = new Map([
  ["relu", "Relu"],
  ["relu6", "Relu6"],
  ["elu", "Elu"],
  ["sigmoid", "Sigmoid"],
  ["leakyrelu", "LeakyRelu"],
  ["prelu", "Prelu"],
]);

/** Adds the bias and applies the activation of a fused kernel; returns its output or another one in its place. */
export type FinishOutput = (output: TensorInfo, parameters: KernelArguments) => TensorInfo;

/** Prepares the second half of the fused kernels. */
export function finisherOf(kernels: KernelModule): FinishOutput {
  const finishStepByStep = stockFinisher(kernels.stockKernel, (tensor) => kernels.heap.release(tensor));
  return (output, parameters) => {
    const bias = optionalInput(parameters.inputs, "bias");
    const code = activationCodes.get(textAttribute(parameters.attrs, "activation", "linear"));
    if (code === undefined || (bias !== undefined && !isOnePerColumn(bias, output)))
      return finishStepByStep(output, parameters);
    if (code !== 0 || bias !== undefined) addBiasAndActivate(kernels, output, bias, code, output);
    return output;
  };
}

/** Prepares the same from the backend's own kernels, one after the other. @param release frees what is not needed */
export function stockFinisher(
  stockKernel: (kernelName: string) => Kernel,
  release: (tensor: TensorInfo) => void,
): FinishOutput {
  const add = stockKernel("Add");
  const activations = new Map([...activationKernels].map(([name, kernel]) => [name, stockKernel(kernel)]));
  const replace = (old: TensorInfo, replacement: TensorInfo): TensorInfo => {
    release(old);
    return replacement;
  };
  return (output, parameters) => {
    const bias = optionalInput(parameters.inputs, "bias");
    const activation = textAttribute(parameters.attrs, "activation", "linear");
    const biased = bias === undefined ? output : replace(output, add({ inputs: { a: output, b: bias }, attrs: {} }));
    return activation === "linear" ? biased : replace(biased, activate(activations, activation, biased, parameters));
  };
}

function activate(
  activations: ReadonlyMap<string, Kernel>,
  activation: string,
  x: TensorInfo,
  { inputs, attrs }: KernelArguments,
): TensorInfo {
  const kernel = activations.get(activation);
  if (kernel === undefined) throw new Error(`fused activation ${activation}: not supported by the WASM kernels`);
  const alpha = attrs["leakyreluAlpha"] ?? 0.2;
  return kernel({ inputs: { x, alpha: inputs["preluActivationWeights"] }, attrs: { alpha } });
}
