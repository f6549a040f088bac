import type { Optimizer } from "../../../src/spec/schema/training.ts";

/** What the optimizer remembers for every weight between steps; Keras' names. They start at 0. */
export function slotNames(optimizer: Optimizer): readonly string[] {
  switch (optimizer.type) {
    case "sgd":
      return optimizer.momentum > 0 ? ["momentum"] : [];
    case "adam":
      return ["momentum", "velocity"];
    default:
      return optimizer satisfies never;
  }
}

/**
 * Adam's learning rate with both bias corrections, in float64 up to here.
 * @param step optimizer steps done before, from 0; Keras counts from 1
 */
export function adamStepSize(
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
): number {
  return (learningRate * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
}
