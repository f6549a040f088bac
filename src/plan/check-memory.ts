import type { ExperimentIssue } from "../spec/issue.ts";
import type { Resources } from "../spec/schema/experiment.ts";
import { type EstimatedConfiguration, estimateMemory, totalMemory } from "./estimate.ts";
import { planResidentImages } from "./resident-images.ts";
import { formatCount } from "./shape.ts";

const mebibyte = 2 ** 20;

/** Whether a worker can train a configuration in the memory that it may use. */
export function checkMemory(configuration: EstimatedConfiguration, resources: Resources): readonly ExperimentIssue[] {
  const { memoryMebibytes, stepsPerCall = 1 } = resources;
  if (memoryMebibytes === undefined) return [];
  const memory = estimateMemory(configuration);
  const resident = stepsPerCall > 1 ? planResidentImages(configuration, stepsPerCall) : { bytes: 0 };
  const residentBytes = "bytes" in resident ? resident.bytes : 0;
  const needed = toMebibytes(totalMemory(memory) + residentBytes);
  if (needed <= memoryMebibytes) return [];
  const parts = [
    `weights and optimizer ${formatCount(toMebibytes(memory.weights))}`,
    `layer outputs of a batch ${formatCount(toMebibytes(memory.activations + memory.scratch))}`,
    `data set ${formatCount(toMebibytes(memory.data))}`,
    `prepared images ${formatCount(toMebibytes(memory.batches + memory.kept))}`,
    `process ${formatCount(toMebibytes(memory.process))}`,
    ...(residentBytes > 0
      ? [`training images for several steps a call ${formatCount(toMebibytes(residentBytes))}`]
      : []),
  ];
  return [
    {
      code: "memory-too-small",
      path: ["resources", "memoryMebibytes"],
      message: `got ${formatCount(memoryMebibytes)}, but a worker needs about ${formatCount(needed)} MiB (${parts.join(", ")})`,
      fix: `allow at least ${needed}, or use a smaller model or batchSize`,
    },
  ];
}

function toMebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte);
}
