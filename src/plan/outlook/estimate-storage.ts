import { checkpointCadence } from "../checkpoint-cadence.ts";
import { computeBudget, type EstimatedConfiguration } from "../estimate.ts";
import type { Training } from "../../spec/schema/training.ts";
import { countStoredCopies } from "../weight-copies.ts";

/** What a trial leaves in the store, in bytes. */
export interface StoredBytes {
  /** Checkpoints that are kept. */
  readonly checkpointCount: number;
  /** Each: weights, optimizer slots and, if they are kept, their averages and the best weights so far. */
  readonly bytesPerCheckpoint: number;
  /** The saved model. */
  readonly model: number;
  /** Predictions, confusion matrix and logs. */
  readonly tables: number;
  readonly total: number;
}

const bytesPerNumber = 4;
const bytesPerPrediction = 24;
const bytesPerMatrixCell = 8;
const bytesPerLogLine = 350;

/** What a trial of a configuration leaves in the store once it is finished. */
export function estimateStorage({ data, model, training }: EstimatedConfiguration): StoredBytes {
  const { epochCount } = computeBudget(training, data.trainCount);
  const copies = countStoredCopies(training);
  const bytesPerCheckpoint = bytesPerNumber * model.parameterCount * copies;
  const checkpointCount = countKeptCheckpoints(training, data.trainCount);
  const modelBytes = bytesPerNumber * model.parameterCount;
  const tables =
    bytesPerPrediction * data.testCount +
    bytesPerMatrixCell * data.dataset.classCount ** 2 +
    bytesPerLogLine * epochCount;
  const total = checkpointCount * bytesPerCheckpoint + modelBytes + tables;
  return { checkpointCount, bytesPerCheckpoint, model: modelBytes, tables, total };
}

/** A checkpoint falls due after an epoch or a step; both at once are one. */
function countKeptCheckpoints({ checkpoint, ...training }: Training, trainCount: number): number {
  const { everyEpochs, everySteps, everySeconds } = checkpointCadence(checkpoint);
  // How many fall due is not known, but there are enough of them for those that are kept.
  if (everySeconds !== undefined) return mostKept(checkpoint.keep);
  const { epochCount, stepCount, stepsPerEpoch } = computeBudget({ checkpoint, ...training }, trainCount);
  const byEpochs = everyEpochs === undefined ? 0 : Math.floor(epochCount / everyEpochs);
  const bySteps = everySteps === undefined ? 0 : Math.floor(stepCount / everySteps);
  const both =
    everyEpochs === undefined || everySteps === undefined
      ? 0
      : Math.floor(stepCount / leastCommonMultiple(everyEpochs * stepsPerEpoch, everySteps));
  const written = byEpochs + bySteps - both;
  return Math.min(mostKept(checkpoint.keep), written);
}

function mostKept(keep: Training["checkpoint"]["keep"]): number {
  if (keep === "all") return Infinity;
  // The best one may not be the newest, which a stopped training goes on from.
  if (keep === "best") return 2;
  return keep === "last" ? 1 : keep;
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
