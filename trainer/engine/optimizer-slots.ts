import type { Optimizer } from "../../src/spec/schema/training.ts";
import type { StepOptions } from "./weight-update.ts";

/** Something that an optimizer remembers for every weight between steps. */
export interface SlotDeclaration {
  /** Keras' name. */
  readonly name: string;
  /** What every entry starts with. */
  readonly startValue: number;
}

/** What an optimizer remembers for every weight, in the order in which its rules take it. */
export function optimizerSlots(optimizer: Optimizer): readonly SlotDeclaration[] {
  switch (optimizer.type) {
    case "sgd":
      return optimizer.momentum > 0 ? zeros("momentum") : [];
    case "adam":
    case "adamw":
      return zeros("momentum", "velocity", ...(optimizer.amsgrad === true ? ["velocity_hat"] : []));
    case "rmsprop": {
      const change = optimizer.momentum > 0 ? ["momentum"] : [];
      return zeros("velocity", ...change, ...(optimizer.centered ? ["average_gradient"] : []));
    }
    case "adagrad":
      return [{ name: "accumulator", startValue: optimizer.initialAccumulatorValue }];
    default:
      return optimizer satisfies never;
  }
}

function zeros(...names: readonly string[]): SlotDeclaration[] {
  return names.map((name) => ({ name, startValue: 0 }));
}

/** Adam's learning rate with both bias corrections, in float64 up to here. */
export function adamStepSize(
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
  { step, learningRate }: StepOptions,
): number {
  return (learningRate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
}
