import { add, customGrad, keep, mul, reshape, sum, variableGrads } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Rank, Scalar, Tensor, Variable } from "@tensorflow/tfjs-core";
import type { GradientClipping } from "../../../src/spec/schema/optimizer.ts";
import type { Loss } from "../../../src/spec/schema/training.ts";
import { applyGraph, type LogitsGraph } from "../../model/logits-graph.ts";
import { limitGradients } from "./limit-gradients.ts";
import { lossGradient } from "./loss-gradient.ts";
import type { NativeBackend } from "./native-backend.ts";

/** What is learnt from. */
export interface TrainingPass {
  /** The layers up to the logits. */
  readonly network: LogitsGraph;
  /** What regularizers add to the loss; gives undefined if there is none. */
  readonly penalty: () => Scalar | undefined;
  readonly loss: Loss;
  readonly gradientClipping?: GradientClipping | undefined;
  readonly trained: readonly Variable[];
  /** Shape [examples, …]. */
  readonly images: Tensor;
  /** True class indices, shape [examples]. */
  readonly labels: Tensor;
  /** Share of each example in the mean loss, shape [examples, 1]; absent = the same for all. */
  readonly shares?: Tensor | undefined;
}

/** What a step learns. */
export interface TrainingOutcome {
  /** Shape [examples, outputs]; kept from being tidied away, so dispose of it. */
  readonly logits: Tensor;
  /** What regularizers add to the loss; kept as well. */
  readonly penalty: Tensor | undefined;
  /** Gradients of the mean loss and the penalty by names of variables, limited. */
  readonly gradients: NamedTensorMap;
}

/** Runs a batch forward and backward through tfjs' own layers and gradients; inside of a `tidy`. */
export function runTrainingPass(backend: NativeBackend, pass: TrainingPass): TrainingOutcome {
  const kept: { logits: Tensor; penalty: Tensor | undefined }[] = [];
  const { grads } = variableGrads(() => {
    const output = applyGraph(pass.network, pass.images, { training: true });
    const logits = reshape(output, [pass.labels.size, -1]);
    const penalty = pass.penalty();
    kept.push({ logits: keep(logits), penalty: penalty && keep(penalty) });
    const loss = withLossGradient(backend, logits, pass);
    return penalty === undefined ? loss : add(loss, penalty);
  }, [...pass.trained]);
  const [outputs] = kept;
  if (outputs === undefined) throw new Error("the model gave no logits");
  return { ...outputs, gradients: limitGradients(grads, pass.gradientClipping) };
}

/** A scalar that is not the mean loss, which is computed in float64 elsewhere, but has its gradient. */
function withLossGradient(backend: NativeBackend, logits: Tensor, { loss, labels, shares }: TrainingPass): Scalar {
  const compute = customGrad((...given) => {
    const [values, save] = given;
    if (values === undefined || typeof values === "function" || typeof save !== "function")
      throw new TypeError("the logits are missing");
    const gradient = mul(lossGradient(backend, loss, values, labels), shares ?? 1 / labels.size);
    save([gradient]);
    return {
      value: sum(mul(values, gradient)),
      gradFunc: (upstream, saved) => {
        const [slopes] = saved;
        if (Array.isArray(upstream) || slopes === undefined) throw new TypeError("the loss is one number");
        return mul(slopes, upstream);
      },
    };
  });
  return reshape<Rank.R0>(compute(logits), []);
}
