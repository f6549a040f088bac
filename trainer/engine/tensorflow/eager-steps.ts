import { dispose, tensor, tidy, variable, zeros, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { applyLayers } from "../../model/layers-model.ts";
import type { Batch, ModelState, NamedTensor } from "../engine.ts";
import type { TracedModel } from "./compile-graph.ts";
import { updateEagerly } from "./eager-update.ts";
import { runTrainingPass } from "./training-pass.ts";

/** Optimizer slots alive: they belong to models, like those inside of sessions, and are no leak. */
let slotCount = 0;

/** How many tensors of this process are optimizer slots of models that run eagerly. */
export function eagerSlotCount(): number {
  return slotCount;
}

/** A model whose operations cross from JavaScript into TensorFlow one by one: slower, but it takes any layer. */
export class EagerSteps {
  private readonly slots: ReadonlyMap<Variable, readonly { readonly name: string; readonly variable: Variable }[]>;

  constructor(
    private readonly model: TracedModel,
    state: ModelState,
  ) {
    this.slots = new Map(
      model.variables.map(({ name, variable: weight, slots }) => [
        weight,
        slots.map((slot) => ({ name: `${name}/${slot}`, variable: tidy(() => variable(zeros(weight.shape), false)) })),
      ]),
    );
    slotCount += this.slotList().length;
    this.writeState(state);
  }

  /** One step. @returns the logits from before it, shape [examples, classes] */
  train(batch: Batch, options: { readonly step: number; readonly learningRate: number }): Float32Array {
    const { learning, backend, chain } = this.model;
    if (learning === undefined) throw new Error("the model only predicts");
    const { trainable, optimizer, clock } = learning;
    clock.step = options.step;
    return tidy(() => {
      const images = imagesTensor(this.model, batch);
      const labels = tensor(batch.labels.slice(0, batch.size));
      const { logits, gradients } = runTrainingPass(backend, { chain, trainable, images, labels });
      for (const weight of trainable) {
        const gradient = gradients[weight.name];
        if (gradient === undefined) throw new Error(`there is no gradient for ${weight.name}`);
        const slots = (this.slots.get(weight) ?? []).map((slot) => slot.variable);
        updateEagerly(optimizer, { weight, slots, gradient }, options);
      }
      const values = logits.dataSync<"float32">();
      logits.dispose();
      return values;
    });
  }

  /** @returns logits, shape [examples, classes] */
  predict(batch: Batch): Float32Array {
    return predictEagerly(this.model, batch, { training: false });
  }

  readState(): { readonly weights: NamedTensor[]; readonly optimizer: NamedTensor[] } {
    return {
      weights: this.model.variables.map(({ name, variable: weight }) => readVariable(name, weight)),
      optimizer: this.slotList().map((slot) => readVariable(slot.name, slot.variable)),
    };
  }

  writeState({ weights, optimizer }: ModelState): void {
    writeVariables(this.model.variables, weights);
    const given = new Map(optimizer.map((slot) => [slot.name, slot]));
    for (const slot of this.slotList()) {
      const values = given.get(slot.name);
      tidy(() => slot.variable.assign(values ? tensor(values.values, [...values.shape]) : zeros(slot.variable.shape)));
    }
  }

  dispose(): void {
    const slots = this.slotList().map((slot) => slot.variable);
    slotCount -= slots.length;
    dispose(slots);
  }

  private slotList() {
    return [...this.slots.values()].flat();
  }
}

/** Logits, shape [examples, classes], operation by operation, with the weights that the tfjs model holds. */
export function predictEagerly(model: TracedModel, batch: Batch, mode: { readonly training: boolean }): Float32Array {
  return tidy(() => applyLayers(model.chain, imagesTensor(model, batch), mode).dataSync<"float32">());
}

/** Sets the weights that the tfjs model holds. */
export function writeVariables(variables: TracedModel["variables"], weights: readonly NamedTensor[]): void {
  const given = new Map(weights.map((weight) => [weight.name, weight]));
  for (const { name, variable: weight } of variables) {
    const values = given.get(name);
    if (values === undefined) throw new Error(`the state has no tensor ${name}`);
    tidy(() => weight.assign(tensor(values.values, [...values.shape])));
  }
}

function imagesTensor({ imageShape }: TracedModel, batch: Batch): Tensor {
  const shape = [batch.size, ...imageShape];
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  // A copy: TensorFlow takes the values when the first operation runs, the caller uses its buffer again.
  return tensor(batch.images.slice(0, length), shape);
}

function readVariable(name: string, read: Variable): NamedTensor {
  return { name, shape: read.shape, values: read.dataSync<"float32">() };
}
