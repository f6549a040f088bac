import type { ExperimentIssue } from "../spec/issue.ts";
import { countActivations, countPatchBytes, type EstimatedConfiguration } from "./estimate.ts";
import { layerWeights } from "./layer-weights.ts";
import type { PlannedModel } from "./plan.ts";
import { elementCount, formatCount } from "./shape.ts";
import { estimateWasmActivations } from "./wasm-activations.ts";
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
 * How many times the counted layer outputs of an evaluation batch the heap has for them. Fewer tensors live at once than in
 * a step, but after training of a large network they don't fit into the gaps it left. The heap is up to 1.8 times smaller
 * than said where the evaluation batches of a small network decide: the least that was met is what a trial is refused by.
 */
const evaluationFactors = { usual: 1.2, least: 0.6 } as const;
const emptyHeapBytes = 16 * mebibyte;
const bytesPerNumber = 4;

/**
 * The WASM heap of a trial. It only ever grows, so the largest of four moments counts:
 * - the backward pass of a step: weights, gradients, optimizer slots, averages; layer outputs and their gradients
 * - the update after it: one temporary more, another if gradients are clipped; no layer outputs any more
 * - an evaluation, and the test of the saved model: weights, slots, averages; the weights of the saved model twice, as read
 *   and as drawn before; room for its largest tensor, which finds no gap; layer outputs of one layer at a time
 */
export function estimateWasmHeap(configuration: EstimatedConfiguration): WasmHeap {
  const { data, model, training } = configuration;
  const learned = bytesPerNumber * model.parameterCount;
  const fixed = bytesPerNumber * (model.nonTrainableCount ?? 0);
  const kept = 1 + countSlots(training.optimizer) + (training.ema === undefined ? 0 : 1);
  const scratch = emptyHeapBytes + countPatchBytes(model);
  const outputs = {
    training: estimateWasmActivations(model, Math.min(training.batchSize, data.trainCount)),
    evaluation: countActivations(configuration).evaluation,
  };
  const backward = learned * (kept + 1) + fixed;
  const update = learned * (kept + 2 + (training.gradientClipping === undefined ? 0 : 1)) + fixed;
  const test = learned * (kept + 2) + 3 * fixed + largestWeightBytes(model);
  const trainingBytes = scratch + Math.max(backward + outputs.training, update);
  const testBytes = scratch + test + evaluationFactors.usual * outputs.evaluation;
  const leastTestBytes = scratch + test + evaluationFactors.least * outputs.evaluation;
  const bytes = Math.round(Math.max(trainingBytes, testBytes));
  const ofBatch = trainingBytes >= testBytes ? "trainingBatch" : "evaluationBatch";
  return {
    bytes,
    cause: Math.max(backward, update, test) > bytes / 2 ? "weights" : ofBatch,
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

/** Code of the issue of a trial that the embedded engine can't hold. */
export const wasmHeapIssue = "wasm-heap-too-small";

/** Whether the embedded engine can hold a configuration's trial. */
export function checkWasmHeap(configuration: EstimatedConfiguration): readonly ExperimentIssue[] {
  const { bytes, cause, state } = estimateWasmHeap(configuration);
  if (state !== "exceedsLimit") return [];
  const needed = `the embedded engine would need about ${toMebibytes(bytes)} MiB of its heap, which ends at ${toMebibytes(wasmHeapLimitBytes)} MiB`;
  const { path, what, fix } = blame(configuration, cause);
  return [
    {
      code: wasmHeapIssue,
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
