import type { EpochMetrics } from "../src/record/trial-record.ts";
import type { EarlyStopping } from "../src/spec/schema/monitor.ts";
import { isImprovement, monitored } from "./monitored.ts";

/** What early stopping remembers between epochs. */
export interface EarlyStoppingState {
  /** Best figure so far, and its epoch (from 1). */
  readonly best: number;
  readonly bestEpoch: number;
  /** Epochs in a row without an improvement. */
  readonly wait: number;
  /** The epoch (from 1) after which the training stopped. */
  readonly stoppedEpoch?: number;
}

/**
 * Looks at a finished epoch: an improvement starts the patience again, and when it is used up the training stops.
 * @see keras.callbacks.EarlyStopping
 */
export function watchForStop(
  { monitor, patience, minDelta }: EarlyStopping,
  state: EarlyStoppingState | undefined,
  metrics: EpochMetrics,
): EarlyStoppingState {
  const value = monitored(metrics, monitor);
  const { epoch } = metrics;
  if (state === undefined || isImprovement(monitor, value, state.best, minDelta)) {
    return { best: value, bestEpoch: epoch, wait: 0 };
  }
  const wait = state.wait + 1;
  return { ...state, wait, ...(wait >= patience && { stoppedEpoch: epoch }) };
}
