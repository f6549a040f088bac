/**
 * How many times the counted bytes a worker really has at its peak. Calibrated on the resident set of 14 workers of the
 * wasm engine (7 architectures, 0.2…33 million parameters, batches of 16…500): with these factors the estimate is
 * 0.90…1.10 times the peak for most, 1.18 times for one without activations.
 * - weights: the last checkpoint and the saved model are copies outside the engine, made while it holds its own
 * - activations: tfjs keeps the sum before an activation and the gradients until the step is over, and the heap has gaps
 */
export const memoryFactors = { weights: 2.4, activations: 1.8 } as const;

/** Counted bytes made into those that a worker needs. */
export function calibrateMemory<Parts extends { readonly weights: number; readonly activations: number }>(
  counted: Parts,
): Parts {
  return {
    ...counted,
    weights: Math.round(memoryFactors.weights * counted.weights),
    activations: Math.round(memoryFactors.activations * counted.activations),
  };
}
