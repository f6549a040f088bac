import { totalmem } from "node:os";
import type { MemoryUse } from "../src/contract/worker-messages.ts";

/** What this process holds, and what there is; of a container with a limit, its limit counts. */
export function memoryUse(): MemoryUse {
  return {
    rssBytes: process.memoryUsage.rss(),
    availableBytes: process.availableMemory(),
    totalBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  };
}
