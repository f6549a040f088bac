import { countMemory, type EstimatedConfiguration } from "../estimate.ts";

/** What a trial needs when a GPU computes, in bytes. Not calibrated: no GPU has run it yet. */
export interface GpuMemory {
  /** On the device: weights, gradients, slots, layer outputs of a batch, and what the driver's libraries take. */
  readonly device: number;
  /** In main memory: the process with the native engine, the data set, prepared images, and the copies of a checkpoint. */
  readonly host: number;
}

/** CUDA context, cuDNN and its workspaces. */
const libraryBytes = 1200 * 2 ** 20;
/** Node with the native TensorFlow library. */
const nativeProcessBytes = 900 * 2 ** 20;

/** Memory of a trial on a machine with a GPU. */
export function estimateGpuMemory(configuration: EstimatedConfiguration): GpuMemory {
  const { data, batches, kept, weights, activations } = countMemory(configuration);
  return {
    device: libraryBytes + weights + activations,
    host: nativeProcessBytes + data + batches + kept + weights,
  };
}
