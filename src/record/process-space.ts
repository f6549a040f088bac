import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { errorCode } from "./file-error.ts";

/** A process, as others may look for it. */
export interface ProcessAddress {
  /** `processSpace()` of the process. */
  readonly space: string;
  readonly pid: number;
}

let ownSpace: string | undefined;

/** Within it a process id names one process: the machine since it was started, and on Linux the container. */
export function processSpace(): string {
  ownSpace ??= describeSpace();
  return ownSpace;
}

/** Whether a process is certainly gone; of processes elsewhere nobody can say, so the answer is no. */
export function isProcessDead({ space, pid }: ProcessAddress): boolean {
  if (space !== processSpace()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

function describeSpace(): string {
  try {
    // Containers and clones of a machine often have the same host name, but each start of a machine has its own id.
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}
