import { trialFiles } from "../src/contract/object-keys.ts";
import type { ChosenWeights, Failure } from "../src/contract/worker-messages.ts";
import { listCheckpoints } from "../src/record/checkpoint-store.ts";
import { loadMetrics, loadTrialDocument, loadTrialState } from "../src/record/load-trial.ts";
import type { Store } from "../src/record/store.ts";
import type { TrialDocument, TrialResult } from "../src/record/trial-record.ts";
import type { DatasetCache } from "./dataset-cache.ts";
import type { Engine, Predictor } from "./engine/engine.ts";
import { loadCheckpointWeights } from "./load-checkpoint-weights.ts";
import { encodeTensors } from "./model/tensor-bytes.ts";

/** What it takes to look at a finished trial again. */
export interface SavedTrialParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly datasets: DatasetCache;
}

/** A finished trial whose model is loaded. */
export interface SavedTrial {
  readonly document: TrialDocument;
  readonly result: TrialResult;
  readonly predictor: Predictor;
}

/** What was asked for can't be had. */
export type Refused = { readonly failure: Failure };

/**
 * Loads the model of a finished trial: as it was tested and saved, or with the weights of a checkpoint.
 * @throws RecordError if the record can't be read
 */
export async function openSavedTrial(
  { engine, store }: SavedTrialParts,
  { trialKey, checkpointEpoch }: ChosenWeights,
): Promise<SavedTrial | Refused> {
  const document = await loadTrialDocument(store, trialKey);
  if (document === undefined) return refuse(`there is no trial ${trialKey} in ${store.location}`);
  const state = await loadTrialState(store, trialKey);
  if (state.type !== "finished") return refuse(`the trial ${trialKey} has no result yet: finish its run first`);
  const topology = await store.get(`${trialKey}/${trialFiles.modelTopology}`);
  const saved = await store.get(`${trialKey}/${trialFiles.modelWeights}`);
  if (topology === undefined || saved === undefined) return refuse(`the saved model of ${trialKey} is missing`);
  // A checkpoint's weights are written in the order of the saved model's.
  const weights = checkpointEpoch === undefined ? saved : await loadWeightsAfter(store, trialKey, checkpointEpoch);
  if ("failure" in weights) return weights;
  const predictor = await engine.loadModel({ topology, weights }, document.training.loss);
  return { document, result: state.result, predictor };
}

async function loadWeightsAfter(store: Store, trialKey: string, epoch: number): Promise<Uint8Array | Refused> {
  const lines = (await loadMetrics(store, trialKey)) ?? [];
  const stepOf = new Map(lines.flatMap((line) => (line.kind === "epoch" ? [[line.epoch, line.step] as const] : [])));
  const step = stepOf.get(epoch);
  if (step === undefined) return refuse(`the trial has no epoch ${epoch}: it was trained for ${stepOf.size}`);
  const weights = await loadCheckpointWeights(store, trialKey, { step });
  if (weights !== undefined) return encodeTensors(weights);
  const steps = new Set(await listCheckpoints(store, trialKey));
  const kept = [...stepOf].flatMap(([epoch, step]) => (steps.has(step) ? [epoch] : []));
  const rest = kept.length === 0 ? "none is left" : `those after epoch ${kept.join(", ")} are there`;
  return refuse(
    `the checkpoint after epoch ${epoch} was not kept: ${rest}. ` +
      "`training.checkpoint: {everyEpochs: 1, keep: all}` keeps every one of a new training.",
  );
}

/** Why something can't be had, for the person who asked. */
export function refuse(reason: string): Refused {
  return { failure: { kind: "user", reason } };
}
