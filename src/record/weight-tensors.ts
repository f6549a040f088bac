import { createHash } from "node:crypto";

/** A weight tensor of a trained model. */
export interface WeightTensor {
  /** `<layer>/kernel`, `<layer>/movingMean`… */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Trained weights, or why they can't be had. */
export type Weights =
  | { readonly tensors: readonly WeightTensor[] }
  | { readonly problem: string; readonly fix: string };

/**
 * SHA-256 (hex) of weights: of names, shapes and values, not of the order or format that they are stored in. A trial's
 * weights and a file that they were exported to have the same.
 */
export function hashWeights(tensors: readonly WeightTensor[]): string {
  const hash = createHash("sha256");
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, shape, values } of sorted) {
    hash.update(`${JSON.stringify([name, shape])}\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest("hex");
}
