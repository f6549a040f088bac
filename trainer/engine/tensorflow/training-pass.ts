import { customGrad, div, keep, mean, mul, reshape, variableGrads } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Rank, Scalar, Tensor, Variable } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { applyLayers } from "../../model/layers-model.ts";
import { dataTypes } from "./graph-def.ts";
import type { NativeBackend } from "./native-backend.ts";

/** What is learnt from. */
export interface TrainingPass {
  /** The layers up to the logits. */
  readonly chain: readonly layers.Layer[];
  readonly trainable: readonly Variable[];
  /** Shape [examples, …]. */
  readonly images: Tensor;
  /** True class indices, shape [examples]. */
  readonly labels: Tensor;
}

/** What a step learns. */
export interface TrainingOutcome {
  /** Shape [examples, classes]; kept from being tidied away, so dispose of it. */
  readonly logits: Tensor;
  /** Gradients of the mean loss by names of variables. */
  readonly gradients: NamedTensorMap;
}

/** Runs a batch forward and backward through tfjs' own layers and gradients; inside of a `tidy`. */
export function runTrainingPass(backend: NativeBackend, pass: TrainingPass): TrainingOutcome {
  const kept: Tensor[] = [];
  const { grads } = variableGrads(() => {
    const output = applyLayers(pass.chain, pass.images, { training: true });
    const logits = reshape(output, [pass.labels.size, -1]);
    kept.push(keep(logits));
    return meanCrossEntropy(backend, logits, pass.labels);
  }, [...pass.trainable]);
  const [logits] = kept;
  if (logits === undefined) throw new Error("the model gave no logits");
  return { logits, gradients: grads };
}

/** Softmax and cross-entropy in one operation, which also gives the gradient. */
function meanCrossEntropy(backend: NativeBackend, logits: Tensor, labels: Tensor): Scalar {
  const operation = "SparseSoftmaxCrossEntropyWithLogits";
  const type = backend.binding.TF_ATTR_TYPE;
  const attributes = [
    { name: "T", type, value: dataTypes.float32 },
    { name: "Tlabels", type, value: dataTypes.int32 },
  ];
  const compute = customGrad((...given) => {
    const [values, save] = given;
    if (values === undefined || typeof values === "function" || typeof save !== "function")
      throw new TypeError("the logits are missing");
    const [losses, gradient] = backend.executeMultipleOutputs(operation, attributes, [values, labels], 2);
    if (losses === undefined || gradient === undefined) throw new Error(`${operation} gave no gradient`);
    save([gradient]);
    return {
      value: mean(losses),
      gradFunc: (upstream, saved) => {
        const [rows] = saved;
        if (Array.isArray(upstream) || rows === undefined) throw new TypeError("the loss is one number");
        return mul(rows, div(upstream, labels.size));
      },
    };
  });
  return reshape<Rank.R0>(compute(logits), []);
}
