import { loadCheckpoint } from "../src/record/checkpoint-store.ts";
import { loadMetrics } from "../src/record/load-trial.ts";
import type { Store } from "../src/record/store.ts";
import type { NamedTensor } from "./engine/engine.ts";
import { decodeSnapshot, evaluatedWeights, isStoredState } from "./trial-checkpoint.ts";
import { epochMetricsOf } from "./watch-epoch.ts";

/** When a checkpoint was written: after so many epochs, or after so many optimizer steps, since the start. */
export type CheckpointTime = { readonly epoch: number } | { readonly step: number };

/**
 * The weights in a checkpoint of a trial, finished or not, as they were evaluated then: their averages with `ema`.
 * @param trialKey key of the record's folder
 * @returns by `<layer>/kernel`… in layer order, as `EngineModel.save` takes them; undefined if there is no such
 *   checkpoint or it is damaged (`listCheckpoints` tells which steps have one)
 */
export async function loadCheckpointWeights(
  store: Store,
  trialKey: string,
  time: CheckpointTime,
): Promise<readonly NamedTensor[] | undefined> {
  const step = "step" in time ? time.step : await lastStepOf(store, trialKey, time.epoch);
  if (step === undefined) return undefined;
  const checkpoint = await loadCheckpoint(store, { trialKey, step }, isStoredState);
  return checkpoint && evaluatedWeights(decodeSnapshot(checkpoint).tensors);
}

async function lastStepOf(store: Store, trialKey: string, epoch: number): Promise<number | undefined> {
  const lines = await loadMetrics(store, trialKey);
  return lines && epochMetricsOf(lines, epoch)?.step;
}
