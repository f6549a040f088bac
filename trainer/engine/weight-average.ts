import { add, mul, tidy } from "@tensorflow/tfjs-core";
import type { Ema } from "../../src/spec/schema/ema.ts";
import { createSlot, type NamedVariable } from "./weight-update.ts";

/** The moving averages of all weights that learn. */
export interface WeightAverages {
  /** `<weight>/average`, in weight order. */
  readonly slots: readonly NamedVariable[];
  /** Takes in the weights after a step. @param step optimizer steps done before it, from 0 */
  update(step: number): void;
  /** Lets the weights be their averages while something is done. */
  during<Result>(act: () => Result): Result;
}

/**
 * average = decay·average + (1 − decay)·weight after every step; the first step's weights are the first average.
 * @see keras.optimizers.Optimizer with use_ema=True, ema_momentum=decay
 */
export function createWeightAverages({ decay }: Ema, weights: readonly NamedVariable[]): WeightAverages {
  const pairs = weights.map((weight) => ({ weight: weight.variable, slot: createSlot(weight, "average") }));
  return {
    slots: pairs.map(({ slot }) => slot),
    update: (step) => {
      const kept = step === 0 ? 0 : decay;
      for (const { weight, slot } of pairs)
        tidy(() => slot.variable.assign(add(mul(slot.variable, kept), mul(weight, 1 - kept))));
    },
    during: (act) => {
      // Only who holds which data changes: nothing is copied.
      const own = pairs.map(({ weight }) => weight.clone());
      for (const { weight, slot } of pairs) weight.assign(slot.variable);
      try {
        return act();
      } finally {
        for (const [index, { weight }] of pairs.entries()) {
          const kept = own[index];
          if (kept !== undefined) weight.assign(kept);
          kept?.dispose();
        }
      }
    },
  };
}
