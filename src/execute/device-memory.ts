import { execFile } from "node:child_process";
import { totalmem } from "node:os";
import { promisify } from "node:util";

/** How much of a memory is in use. */
export interface MemoryReading {
  /** Of which memory, for people. */
  readonly name: string;
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** Looks at a memory. @returns what it found; or why nothing can be known */
export type MemoryProbe = () => Promise<MemoryReading | { readonly problem: string }>;

const mebibyte = 2 ** 20;
const timeoutMs = 20_000;

/** The memory of the GPU that the container was given, by NVIDIA's own tool, which its runtime puts into the container. */
export const probeGpuMemory: MemoryProbe = async () => {
  const query = ["--query-gpu=memory.used,memory.total", "--format=csv,noheader,nounits"];
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", query, { timeout: timeoutMs });
    return parseGpuMemory(stdout);
  } catch (error) {
    return { problem: `nvidia-smi can't be asked: ${error instanceof Error ? error.message : String(error)}` };
  }
};

function parseGpuMemory(text: string): MemoryReading | { readonly problem: string } {
  const lines = text.trim().split("\n");
  const [used = Number.NaN, total = Number.NaN] = (lines[0] ?? "").split(",").map(Number);
  if (lines.length !== 1 || !(used >= 0 && total > 0))
    return { problem: `nvidia-smi knows ${lines.length} GPUs, or no memory of one: "${text.trim().slice(0, 200)}"` };
  return { name: "memory of the GPU", usedBytes: used * mebibyte, totalBytes: total * mebibyte };
}

/** The memory of the machine, or of the container where it has a limit. */
export const probeMachineMemory: MemoryProbe = () => {
  const limit = process.constrainedMemory();
  const totalBytes = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Promise.resolve({ name: "memory", totalBytes, usedBytes: totalBytes - process.availableMemory() });
};
