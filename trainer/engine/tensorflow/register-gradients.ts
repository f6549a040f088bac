import {
  greater,
  LeakyRelu,
  mul,
  registerGradient,
  Relu,
  Tanh,
  unregisterGradient,
  where,
  type Tensor,
} from "@tensorflow/tfjs-core";
import { dataTypes } from "./graph-def.ts";
import { replaceBatchNormGradient } from "../batch-norm-gradient.ts";
import type { NativeBackend } from "./native-backend.ts";

/**
 * Gives ReLU and tanh TensorFlow's own gradients, one operation each: tfjs' take seven and four. Batch normalisation gets the
 * gradient that the embedded engine uses, too.
 */
export function registerNativeGradients(backend: NativeBackend): void {
  replaceBatchNormGradient();
  replaceGradient(Relu, (upstream, output) => [upstream, output], "ReluGrad", backend);
  replaceGradient(Tanh, (upstream, output) => [output, upstream], "TanhGrad", backend);
  replaceLeakyReluGradient();
}

/**
 * From the output, which is above 0 where the input is, and not from the input as tfjs' own: where that is a convolution with
 * bias, TensorFlow's optimiser joins all three although the input is needed, fails, says so on stderr, and joins nothing.
 */
function replaceLeakyReluGradient(): void {
  unregisterGradient(LeakyRelu);
  registerGradient({
    kernelName: LeakyRelu,
    outputsToSave: [true],
    gradFunc: (upstream, [output], { alpha }) => {
      if (Array.isArray(upstream) || output === undefined) throw new TypeError("leaky ReLU has one output");
      if (typeof alpha !== "number" || alpha < 0)
        throw new RangeError(`a leaky ReLU with the slope ${JSON.stringify(alpha)}`);
      return { x: () => where(greater(output, 0), upstream, mul(upstream, alpha)) };
    },
  });
}

function replaceGradient(
  kernelName: string,
  inputs: (upstream: Tensor, output: Tensor) => Tensor[],
  operation: string,
  backend: NativeBackend,
): void {
  unregisterGradient(kernelName);
  registerGradient({
    kernelName,
    outputsToSave: [true],
    gradFunc: (upstream, [output]) => {
      if (Array.isArray(upstream) || output === undefined) throw new TypeError(`${kernelName} has one output`);
      const attributes = [{ name: "T", type: backend.binding.TF_ATTR_TYPE, value: dataTypes.float32 }];
      return { x: () => backend.executeSingleOutput(operation, attributes, inputs(upstream, output)) };
    },
  });
}
