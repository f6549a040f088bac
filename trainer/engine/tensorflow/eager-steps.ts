import { dispose, tensor, tidy, type Scalar, type Tensor } from "@tensorflow/tfjs-core";
import { applyGraph } from "../../model/logits-graph.ts";
import type { Batch, ModelState, NamedTensor } from "../engine.ts";
import { readVariable, writeVariables } from "../model-variables.ts";
import { createUpdateRule, type UpdateRule } from "../update-rule.ts";
import type { StepOptions } from "../weight-update.ts";
import type { TracedModel } from "./traced-model.ts";
import type { NetworkOutputs } from "./compiled-steps.ts";
import { operationKernels } from "./operation-kernels.ts";
import { runTrainingPass } from "./training-pass.ts";

/** Optimizer slots alive: they belong to models, like those inside of sessions, and are no leak. */
let slotCount = 0;

/** How many tensors of this process are optimizer slots of models that run eagerly. */
export function eagerSlotCount(): number {
  return slotCount;
}

/** A model whose operations cross from JavaScript into TensorFlow one by one: slower, but it takes any layer. */
export class EagerSteps {
  /** Absent = the model only predicts. */
  private readonly rule: UpdateRule | undefined;

  /** @param state absent = the weights that the tfjs model holds, and slots that remember nothing */
  constructor(
    private readonly model: TracedModel,
    state?: ModelState,
  ) {
    const { learning } = model;
    // The pass limits gradients itself.
    this.rule = learning && createUpdateRule(operationKernels, learning.rules, learning.trained);
    slotCount += this.slots.length;
    if (state !== undefined) this.writeState(state);
  }

  /** One step. @returns what it found before it changed the weights */
  train(batch: Batch, options: StepOptions, shares: Float32Array | undefined): NetworkOutputs {
    const { learning, backend, network, penalty, loss } = this.model;
    if (learning === undefined || this.rule === undefined) throw new Error("the model only predicts");
    const { gradientClipping, clock } = learning;
    const trained = learning.trained.map(({ variable }) => variable);
    clock.step = options.step;
    return tidy(() => {
      const given = {
        images: imagesTensor(this.model, batch),
        labels: tensor(batch.labels.slice(0, batch.size)),
        shares: shares && tensor(shares, [batch.size, 1]),
      };
      const pass = { network, penalty, loss, gradientClipping, trained, ...given };
      const outcome = runTrainingPass(backend, pass);
      this.rule?.apply(outcome.gradients, options);
      const outputs = { logits: outcome.logits.dataSync<"float32">(), penalty: valueOf(outcome.penalty) };
      dispose([outcome.logits, ...(outcome.penalty ? [outcome.penalty] : [])]);
      return outputs;
    });
  }

  /** What the network gives with its weights, or with their averages. */
  predict(batch: Batch): NetworkOutputs {
    const predict = (): NetworkOutputs => computeEagerly(this.model, batch, { training: false });
    return this.rule === undefined ? predict() : this.rule.withEvaluatedWeights(predict);
  }

  readState(): { readonly weights: NamedTensor[]; readonly optimizer: NamedTensor[] } {
    return { weights: this.model.variables.map(readVariable), optimizer: this.slots.map(readVariable) };
  }

  /** Sets weights and slots; without any slots these stay as they are. */
  writeState({ weights, optimizer }: ModelState): void {
    writeVariables(this.model.variables, weights);
    if (optimizer.length > 0) writeVariables(this.slots, optimizer);
  }

  dispose(): void {
    slotCount -= this.slots.length;
    dispose(this.slots.map(({ variable }) => variable));
  }

  private get slots() {
    return this.rule?.slots ?? [];
  }
}

/** What the network gives, operation by operation, with the weights that the tfjs model holds. */
export function computeEagerly(model: TracedModel, batch: Batch, mode: { readonly training: boolean }): NetworkOutputs {
  return tidy(() => ({
    logits: applyGraph(model.network, imagesTensor(model, batch), mode).dataSync<"float32">(),
    penalty: valueOf(model.penalty()),
  }));
}

function valueOf(penalty: Scalar | Tensor | undefined): number {
  return penalty?.dataSync<"float32">()[0] ?? 0;
}

function imagesTensor({ imageShape }: TracedModel, batch: Batch): Tensor {
  const shape = [batch.size, ...imageShape];
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  // A copy: TensorFlow takes the values when the first operation runs, the caller uses its buffer again.
  return tensor(batch.images.slice(0, length), shape);
}
