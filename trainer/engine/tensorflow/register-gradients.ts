import { Relu, registerGradient, Tanh, unregisterGradient, type Tensor } from "@tensorflow/tfjs-core";
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
