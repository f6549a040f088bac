import type { ExperimentIssue } from "../spec/issue.ts";
import { countActivations, countPatchBytes, type EstimatedConfiguration } from "./estimate.ts";
import { layerWeights } from "./layer-weights.ts";
import type { PlannedModel } from "./plan.ts";
import { elementCount, formatCount } from "./shape.ts";
import { countSlots } from "./weight-copies.ts";

/** The engine's own memory that a trial needs on WebAssembly, in bytes. */
export interface WasmHeap {
  /** The most that it needs at once. */
  readonly bytes: number;
  /** What of a trial needs it: its training steps, its evaluations, or its weights alone. */
  readonly cause: "trainingBatch" | "evaluationBatch" | "weights";
  /** How it compares with what there is; the estimate is within a tenth for most models. */
  readonly state: "fits" | "nearLimit" | "exceedsLimit";
}

const mebibyte = 2 ** 20;
/** WebAssembly addresses 4 GiB; the module leaves the last page alone. */
export const wasmHeapLimitBytes = 2 ** 32 - 2 ** 16;
const nearLimitShare = 0.85;
/** More than the estimate's usual error over the limit. */
const exceedingShare = 1.1;

/**
 * Calibrated on the size of the heap after steps, evaluation and the test of the saved model, of 12 trials of 6
 * architectures (0.04…134 million parameters, batches of 2…3000, heaps of 16…3,232 MiB): with these factors the estimate
 * is 0.88…1.07 times the heap for most, up to 1.8 times where the evaluation batches of a small network decide.
 * - training: tfjs keeps the sum before an activation, and the heap has gaps
 * - evaluation: fewer tensors live at once, but after training of a large network they don't fit into the gaps it left;
 *   the least that was met is what a trial is refused by
 */
const factors = { training: 1.6, evaluation: 1.2, leastEvaluation: 0.6 } as const;
const emptyHeapBytes = 16 * mebibyte;
const bytesPerNumber = 4;

/**
 * The WASM heap of a trial. It only ever grows, so the largest of three moments counts:
 * - a training step: weights, gradients, optimizer slots, averages, the temporary of an update; layer outputs
 * - an evaluation, and the test of the saved model: weights, slots, averages; the weights of the saved model twice, as read
 *   and as drawn before; room for its largest tensor, which finds no gap; layer outputs of one layer at a time
 */
export function estimateWasmHeap(configuration: EstimatedConfiguration): WasmHeap {
  const { model, training } = configuration;
  const learned = bytesPerNumber * model.parameterCount;
  const fixed = bytesPerNumber * (model.nonTrainableCount ?? 0);
  const kept = 1 + countSlots(training.optimizer) + (training.ema === undefined ? 0 : 1);
  const perStep = 2 + (training.gradientClipping === undefined ? 0 : 1);
  const activations = countActivations(configuration);
  const scratch = emptyHeapBytes + countPatchBytes(model);
  const steps = learned * (kept + perStep) + fixed;
  const test = learned * (kept + 2) + 3 * fixed + largestWeightBytes(model);
  const trainingBytes = scratch + steps + factors.training * activations.training;
  const testBytes = scratch + test + factors.evaluation * activations.evaluation;
  const leastTestBytes = scratch + test + factors.leastEvaluation * activations.evaluation;
  const bytes = Math.round(Math.max(trainingBytes, testBytes));
  const ofBatch = trainingBytes >= testBytes ? "trainingBatch" : "evaluationBatch";
  return {
    bytes,
    cause: Math.max(steps, test) > bytes / 2 ? "weights" : ofBatch,
    state: stateOf(bytes, Math.max(trainingBytes, leastTestBytes)),
  };
}

function stateOf(bytes: number, leastBytes: number): WasmHeap["state"] {
  if (leastBytes > exceedingShare * wasmHeapLimitBytes) return "exceedsLimit";
  return bytes > nearLimitShare * wasmHeapLimitBytes ? "nearLimit" : "fits";
}

function largestWeightBytes({ layers }: PlannedModel): number {
  const sizes = layers.flatMap(({ layer, inputShape }) =>
    layerWeights(layer, inputShape).map(({ shape }) => elementCount(shape)),
  );
  return bytesPerNumber * Math.max(0, ...sizes);
}

/** Whether the embedded engine can hold a configuration's trial. */
export function checkWasmHeap(configuration: EstimatedConfiguration): readonly ExperimentIssue[] {
  const { bytes, cause, state } = estimateWasmHeap(configuration);
  if (state !== "exceedsLimit") return [];
  const needed = `the embedded engine would need about ${toMebibytes(bytes)} MiB of its heap, which ends at ${toMebibytes(wasmHeapLimitBytes)} MiB`;
  const { path, what, fix } = blame(configuration, cause);
  return [
    {
      code: "wasm-heap-too-small",
      path,
      message: `${needed}: ${what}`,
      fix: `${fix}, or run with --engine tensorflow`,
    },
  ];
}

function blame({ model, training, evaluation }: EstimatedConfiguration, cause: WasmHeap["cause"]) {
  switch (cause) {
    case "trainingBatch":
      return {
        path: ["training", "batchSize"],
        what: `got batches of ${formatCount(training.batchSize)}, whose layer outputs take most of it`,
        fix: "use a smaller batchSize, or fewer units or filters",
      } as const;
    case "evaluationBatch":
      return {
        path: ["evaluation", "batchSize"],
        what: `batches of ${formatCount(evaluation.batchSize)} are tested, whose layer outputs take most of it`,
        fix: "use a smaller evaluation.batchSize",
      } as const;
    case "weights":
      return {
        path: ["model", "layers"],
        what: `${formatCount(model.parameterCount)} parameters with gradients and the slots of ${training.optimizer.type} take most of it`,
        fix: "use fewer units or filters, an optimizer with fewer slots, or a smaller batchSize",
      } as const;
    default:
      throw new Error(`unknown cause ${JSON.stringify(cause satisfies never)}`);
  }
}

function toMebibytes(bytes: number): string {
  return formatCount(Math.ceil(bytes / mebibyte));
}
