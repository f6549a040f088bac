import type { ExperimentIssue } from "../spec/issue.ts";
import type { Resources } from "../spec/schema/experiment.ts";
import { type EstimatedConfiguration, estimateMemory, totalMemory } from "./estimate.ts";
import { formatCount } from "./shape.ts";

const mebibyte = 2 ** 20;

/** Whether a worker can train a configuration in the memory that it may use. */
export function checkMemory(configuration: EstimatedConfiguration, resources: Resources): readonly ExperimentIssue[] {
  const { memoryMebibytes } = resources;
  if (memoryMebibytes === undefined) return [];
  const memory = estimateMemory(configuration);
  const needed = toMebibytes(totalMemory(memory));
  if (needed <= memoryMebibytes) return [];
  const parts = [
    `weights and optimizer ${formatCount(toMebibytes(memory.weights))}`,
    `layer outputs of a batch ${formatCount(toMebibytes(memory.activations + memory.scratch))}`,
    `data set ${formatCount(toMebibytes(memory.data))}`,
    `prepared images ${formatCount(toMebibytes(memory.batches + memory.kept))}`,
    `process ${formatCount(toMebibytes(memory.process))}`,
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
