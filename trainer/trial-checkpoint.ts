import {
  type Checkpoint,
  type KeptCheckpoints,
  loadLatestCheckpoint,
  saveCheckpoint,
} from "../src/record/checkpoint-store.ts";
import type { CheckpointEngine } from "../src/record/checkpoint-engine.ts";
import type { Store } from "../src/record/store.ts";
import type { TrialWriter } from "../src/record/trial-writer.ts";
import type { Training } from "../src/spec/schema/training.ts";
import type { ModelState, NamedTensor } from "./engine/engine.ts";
import { decodeTensors, encodeTensors, type TensorLayout } from "./model/tensor-bytes.ts";
import { isTrainingState, type TrainingState } from "./training-state.ts";

/** Everything that a training needs to go on. */
export interface TrainingSnapshot {
  readonly state: TrainingState;
  readonly tensors: ModelState;
  /** Weights of the best epoch so far, if they are kept. */
  readonly bestWeights: readonly NamedTensor[] | undefined;
  /** What computed it; absent in checkpoints of versions that didn't say. */
  readonly engine?: CheckpointEngine | undefined;
}

/** `state` of a checkpoint: the training's state and what is where in its two binary files. */
export interface StoredState {
  readonly training: TrainingState;
  /** `weights.bin`. */
  readonly weights: TensorLayout;
  /** `optimizer.bin`: the optimizer's slots… */
  readonly optimizer: TensorLayout;
  /** …and after them the best weights so far. */
  readonly bestWeights?: TensorLayout;
  readonly engine?: CheckpointEngine;
}

/** Which checkpoints `checkpoint.keep` means. @param bestStep step of the best epoch so far, if there is one */
export function keptCheckpoints(keep: Training["checkpoint"]["keep"], bestStep: number | undefined): KeptCheckpoints {
  if (keep === "best") return { newestAndStep: bestStep };
  return keep === "last" ? 1 : keep;
}

/** Writes a checkpoint of a trial. @throws ClaimLostError if it is known that another attempt took the trial over */
export async function saveSnapshot(
  store: Store,
  { key, claim }: Pick<TrialWriter, "key" | "claim">,
  { state, tensors, bestWeights, engine }: TrainingSnapshot,
  kept: KeptCheckpoints,
): Promise<void> {
  const stored: StoredState = {
    training: state,
    weights: layoutOf(tensors.weights),
    optimizer: layoutOf(tensors.optimizer),
    ...(bestWeights !== undefined && { bestWeights: layoutOf(bestWeights) }),
    ...(engine !== undefined && { engine }),
  };
  const weights = encodeTensors(tensors.weights);
  const optimizer = encodeTensors([...tensors.optimizer, ...(bestWeights ?? [])]);
  await saveCheckpoint(store, key, { step: state.step, weights, optimizer, state: stored }, kept, claim);
}

/** The newest usable checkpoint of a trial, if there is one. @param trialKey key of the record's folder */
export async function loadSnapshot(store: Store, trialKey: string): Promise<TrainingSnapshot | undefined> {
  const checkpoint = await loadLatestCheckpoint(store, trialKey, isStoredState);
  return checkpoint && decodeSnapshot(checkpoint);
}

/** What a checkpoint holds. */
export function decodeSnapshot(checkpoint: Checkpoint<StoredState>): TrainingSnapshot {
  const { training, weights, optimizer, bestWeights, engine } = checkpoint.state;
  const slots = decodeTensors(checkpoint.optimizer, [...optimizer, ...(bestWeights ?? [])]);
  return {
    state: training,
    tensors: { weights: decodeTensors(checkpoint.weights, weights), optimizer: slots.slice(0, optimizer.length) },
    bestWeights: bestWeights && slots.slice(optimizer.length),
    engine,
  };
}

/** The weights that a model in this state predicts with: the averages of those that have one. */
export function evaluatedWeights({ weights, optimizer }: ModelState): readonly NamedTensor[] {
  const slots = new Map(optimizer.map((slot) => [slot.name, slot.values]));
  return weights.map((weight) => ({ ...weight, values: slots.get(`${weight.name}/average`) ?? weight.values }));
}

function layoutOf(tensors: readonly NamedTensor[]): TensorLayout {
  return tensors.map(({ name, shape }) => ({ name, shape }));
}

export function isStoredState(value: unknown): value is StoredState {
  if (typeof value !== "object" || value === null || !("training" in value)) return false;
  return isTrainingState(value.training) && "weights" in value && "optimizer" in value;
}
