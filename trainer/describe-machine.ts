import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, release, totalmem, type } from "node:os";
import path from "node:path";
import type { MachineFacts } from "../src/record/trial-record.ts";

/** Where NVIDIA's kernel driver on Linux describes itself and its GPUs, also inside containers. */
const nvidiaFolder = "/proc/driver/nvidia";

let known: MachineFacts | undefined;

/** The machine that this process runs on. */
export function describeMachine(): MachineFacts {
  known ??= {
    os: `${type()} ${release()}`,
    cores: availableParallelism(),
    memoryBytes: usableMemory(totalmem(), process.constrainedMemory()),
    ...describeGpus(nvidiaFolder),
  };
  return known;
}

/**
 * The GPUs of this machine and their driver's version, as far as NVIDIA's driver is there.
 * @param folder where the driver describes itself
 */
export function describeGpus(folder: string): Pick<MachineFacts, "gpus" | "gpuDriver"> {
  const gpus = namesIn(path.join(folder, "gpus")).flatMap((gpu) => {
    const model = /^Model:\s*(.+)$/m.exec(textOf(path.join(folder, "gpus", gpu, "information")));
    return model?.[1] === undefined ? [] : [model[1].trim()];
  });
  const driver = /Kernel Module.*?\s(\d+\.\d[\d.]*)/.exec(textOf(path.join(folder, "version")));
  return { ...(gpus.length > 0 && { gpus }), ...(driver?.[1] !== undefined && { gpuDriver: driver[1] }) };
}

/** A container's limit, where it is below the machine's memory; without one, systems say 0 or a huge number. */
function usableMemory(total: number, limit: number | undefined): number {
  return limit === undefined || limit <= 0 || limit > total ? total : limit;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
