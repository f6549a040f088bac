import { memoryAdvice, type Failure } from "../src/contract/worker-messages.ts";
import { wasmHeapLimitBytes } from "../src/plan/wasm-heap.ts";
import { RecordError } from "../src/record/record-error.ts";
import { DataError } from "./data/data-error.ts";
import { EngineMemoryError } from "./engine/engine-memory-error.ts";

const fullHeapBytes = 0.95 * wasmHeapLimitBytes;

/**
 * What was thrown, as the reason of a failed attempt. A record or data that can't be used are the user's to mend.
 * @param heapBytes size of the engine's own memory: when it is full, the engine's own code traps without a word
 */
export function describeError(error: unknown, heapBytes = 0): Failure {
  if (error instanceof RecordError || error instanceof DataError) return { kind: "user", reason: error.message };
  if (isOutOfMemory(error) || (isTrap(error) && heapBytes > fullHeapBytes))
    return { kind: "memory", reason: `${error.message}. ${memoryAdvice}` };
  return { kind: "bug", reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

function isTrap(error: unknown): error is Error {
  return error instanceof Error && error.name === "RuntimeError";
}

/** Own memory of the engine, or that of a buffer outside of the JavaScript heap. */
function isOutOfMemory(error: unknown): error is Error {
  if (error instanceof EngineMemoryError) return true;
  return error instanceof RangeError && error.message.includes("Array buffer allocation failed");
}

/** What was thrown with the place where it was, for the log. */
export function formatStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
