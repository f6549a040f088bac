import { add, mul, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { Ema } from "../../src/spec/schema/ema.ts";
import type { StepNumber } from "./adaptive-updates.ts";
import { createSlot, type NamedVariable } from "./weight-update.ts";

/** The slot that holds a weight's moving average. */
export const averageSlot = "average";

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
export function createWeightAverages(ema: Ema, weights: readonly NamedVariable[]): WeightAverages {
  const pairs = weights.map((weight) => ({ weight: weight.variable, slot: createSlot(weight, averageSlot) }));
  return {
    slots: pairs.map(({ slot }) => slot),
    update: (step) => {
      const shares = averageShares(ema, step);
      for (const { weight, slot } of pairs) {
        tidy(() => slot.variable.assign(nextAverage(slot.variable, weight, shares)));
      }
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

/** How much of the last average stays after a step, and how much of the new weight is taken in. @param step from 0 */
export function averageShares({ decay }: Ema, step: number): { readonly kept: number; readonly taken: number } {
  const kept = step === 0 ? 0 : decay;
  return { kept, taken: 1 - kept };
}

/** A weight's average after a step. */
export function nextAverage(
  average: Tensor,
  weight: Tensor,
  { kept, taken }: { readonly kept: StepNumber; readonly taken: StepNumber },
): Tensor {
  return add(mul(average, kept), mul(weight, taken));
}
