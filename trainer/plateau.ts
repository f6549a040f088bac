import type { EpochMetrics } from "../src/record/trial-record.ts";
import type { LearningRateSchedule } from "../src/spec/schema/training.ts";
import { isImprovement, monitored } from "./monitored.ts";

/** What `reduceOnPlateau` remembers between epochs. */
export interface PlateauState {
  /** The learning rate that it has come down to. */
  readonly rate: number;
  /** Best figure so far; absent before the first epoch. */
  readonly best?: number;
  /** Epochs in a row without an improvement. */
  readonly wait: number;
  /** Epochs that don't count after the last drop. */
  readonly cooldown: number;
}

type ReduceOnPlateau = Extract<LearningRateSchedule, { readonly type: "reduceOnPlateau" }>;

/**
 * Looks at a finished epoch: after `patience` epochs without an improvement the rate drops, and the epochs of the
 * cooldown then don't count.
 * @see keras.callbacks.ReduceLROnPlateau
 */
export function watchPlateau(schedule: ReduceOnPlateau, state: PlateauState, metrics: EpochMetrics): PlateauState {
  const { monitor, minDelta, patience, factor, minimum } = schedule;
  const value = monitored(metrics, monitor);
  const cooldown = Math.max(0, state.cooldown - 1);
  if (isImprovement(monitor, value, state.best, minDelta)) return { ...state, best: value, wait: 0, cooldown };
  if (cooldown > 0) return { ...state, wait: 0, cooldown };
  // The last epoch of a cooldown counts already.
  const wait = (state.cooldown > 0 ? 0 : state.wait) + 1;
  if (wait < patience || state.rate <= minimum) return { ...state, wait, cooldown };
  return { ...state, rate: Math.max(state.rate * factor, minimum), wait: 0, cooldown: schedule.cooldown };
}
