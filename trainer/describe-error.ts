import type { Failure } from "../src/contract/worker-messages.ts";
import { RecordError } from "../src/record/record-error.ts";
import { DataError } from "./data/data-error.ts";

/** What was thrown, as the reason of a failed attempt. A record or data that can't be used are the user's to mend. */
export function describeError(error: unknown): Failure {
  if (error instanceof RecordError || error instanceof DataError) return { kind: "user", reason: error.message };
  return { kind: "bug", reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** What was thrown with the place where it was, for the log. */
export function formatStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
