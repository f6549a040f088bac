import { memoryAdvice, type Failure } from "../src/contract/worker-messages.ts";
import { wasmHeapLimitBytes } from "../src/plan/wasm-heap.ts";
import { RecordError } from "../src/record/record-error.ts";
import { StoreError } from "../src/record/store-error.ts";
import { DataError } from "./data/data-error.ts";
import { EngineMemoryError } from "./engine/engine-memory-error.ts";

const fullHeapBytes = 0.95 * wasmHeapLimitBytes;

/**
 * What was thrown, as the reason of a failed attempt. A record or data that can't be used are the user's to mend; a
 * store, disk or network that can't be used may be there again in a minute.
 * @param heapBytes size of the engine's own memory: when it is full, the engine's own code traps without a word
 */
export function describeError(error: unknown, heapBytes = 0): Failure {
  if (error instanceof RecordError || error instanceof DataError) return { kind: "user", reason: error.message };
  if (error instanceof StoreError) return { kind: "infrastructure", reason: error.message };
  if (isOutOfMemory(error) || (isTrap(error) && heapBytes > fullHeapBytes))
    return { kind: "memory", reason: `${error.message}. ${memoryAdvice}` };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: isAboutInfrastructure(error) ? "infrastructure" : "bug", reason };
}

function isTrap(error: unknown): error is Error {
  return error instanceof Error && error.name === "RuntimeError";
}

/** What TensorFlow says when a GPU, or the machine, has no memory left; 8 is its code RESOURCE_EXHAUSTED. */
const tensorflowMemoryWords = /TF_Status: 8\b|OOM when allocating|RESOURCE_EXHAUSTED|CUDA_ERROR_OUT_OF_MEMORY/;

/** Own memory of the engine, the device's, or that of a buffer outside of the JavaScript heap. */
function isOutOfMemory(error: unknown): error is Error {
  if (error instanceof EngineMemoryError) return true;
  if (error instanceof Error && tensorflowMemoryWords.test(error.message)) return true;
  return error instanceof RangeError && error.message.includes("Array buffer allocation failed");
}

/** What was thrown with the place where it was, for the log. */
export function formatStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Codes of system calls that fail because of the machine or the network, whatever the trial is. */
const infrastructureCodes: ReadonlySet<string> = new Set(
  (
    "ENOSPC EDQUOT EROFS EIO EMFILE ENFILE ESTALE ECONNRESET ECONNREFUSED ECONNABORTED ETIMEDOUT EPIPE " +
    "ENOTFOUND EAI_AGAIN ENETUNREACH ENETDOWN EHOSTUNREACH EHOSTDOWN"
  ).split(" "),
);

/** Errors are wrapped by whoever passes them on: what is at the bottom counts as well. */
function isAboutInfrastructure(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string" && infrastructureCodes.has(at.code)) return true;
  }
  return false;
}
