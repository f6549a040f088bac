import { loadLatestCheckpoint, saveCheckpoint } from "../src/record/checkpoint-store.ts";
import type { Store } from "../src/record/store.ts";
import type { ModelState, NamedTensor } from "./engine/engine.ts";
import { decodeTensors, encodeTensors, type TensorLayout } from "./model/tensor-bytes.ts";
import { isTrainingState, type TrainingState } from "./training-state.ts";

/** Everything that a training needs to go on. */
export interface TrainingSnapshot {
  readonly state: TrainingState;
  readonly tensors: ModelState;
  /** Weights of the best epoch so far, if they are kept. */
  readonly bestWeights: readonly NamedTensor[] | undefined;
}

/** `state` of a checkpoint: the training's state and what is where in its two binary files. */
interface StoredState {
  readonly training: TrainingState;
  /** `weights.bin`. */
  readonly weights: TensorLayout;
  /** `optimizer.bin`: the optimizer's slots… */
  readonly optimizer: TensorLayout;
  /** …and after them the best weights so far. */
  readonly bestWeights?: TensorLayout;
}

/** Writes a checkpoint of a trial. @param trialKey key of the record's folder */
export async function saveSnapshot(
  store: Store,
  trialKey: string,
  { state, tensors, bestWeights }: TrainingSnapshot,
  keep: number | "all",
): Promise<void> {
  const stored: StoredState = {
    training: state,
    weights: layoutOf(tensors.weights),
    optimizer: layoutOf(tensors.optimizer),
    ...(bestWeights !== undefined && { bestWeights: layoutOf(bestWeights) }),
  };
  const weights = encodeTensors(tensors.weights);
  const optimizer = encodeTensors([...tensors.optimizer, ...(bestWeights ?? [])]);
  await saveCheckpoint(store, trialKey, { step: state.step, weights, optimizer, state: stored }, keep);
}

/** The newest usable checkpoint of a trial, if there is one. @param trialKey key of the record's folder */
export async function loadSnapshot(store: Store, trialKey: string): Promise<TrainingSnapshot | undefined> {
  const checkpoint = await loadLatestCheckpoint(store, trialKey, isStoredState);
  if (checkpoint === undefined) return undefined;
  const { training, weights, optimizer, bestWeights = [] } = checkpoint.state;
  const slots = decodeTensors(checkpoint.optimizer, [...optimizer, ...bestWeights]);
  return {
    state: training,
    tensors: { weights: decodeTensors(checkpoint.weights, weights), optimizer: slots.slice(0, optimizer.length) },
    bestWeights: checkpoint.state.bestWeights && slots.slice(optimizer.length),
  };
}

function layoutOf(tensors: readonly NamedTensor[]): TensorLayout {
  return tensors.map(({ name, shape }) => ({ name, shape }));
}

function isStoredState(value: unknown): value is StoredState {
  if (typeof value !== "object" || value === null || !("training" in value)) return false;
  return isTrainingState(value.training) && "weights" in value && "optimizer" in value;
}
