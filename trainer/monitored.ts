import type { EpochMetrics } from "../src/record/trial-record.ts";
import type { Monitor } from "../src/spec/schema/monitor.ts";

/**
 * The watched figure of an epoch.
 * @throws Error if it is one of validation and nothing is held out: plans of that kind are refused
 */
export function monitored({ loss, accuracy, validation }: EpochMetrics, monitor: Monitor): number {
  if (monitor === "trainLoss") return loss;
  if (monitor === "trainAccuracy") return accuracy;
  if (validation === undefined) throw new Error(`${monitor} needs validation examples`);
  return monitor === "validationLoss" ? validation.loss : validation.accuracy;
}

/** Whether a figure is better than the best so far by more than `minDelta`; the first figure always is. */
export function isImprovement(monitor: Monitor, value: number, best: number | undefined, minDelta = 0): boolean {
  if (best === undefined) return true;
  // In this order, as Keras does it: near the limit, another order may round to the other side.
  return monitor.endsWith("Loss") ? value + minDelta < best : value - minDelta > best;
}
