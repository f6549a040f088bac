import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import type { Store } from "./store.ts";

const executionSchema = z.object({
  experiment: z.string(),
  runId: z.string(),
  queue: z.enum(["adhoc", "nightly"]),
  trigger: z.enum(["cli", "schedule", "manual"]),
});

/** `executions/<name>.json`: which run an execution of the state machine carries out. */
export type ExecutionDocument = z.infer<typeof executionSchema>;

/** Writes down which run an execution carries out. */
export function writeExecution(store: Store, executionName: string, document: ExecutionDocument): Promise<void> {
  return store.put(objectKeys.execution(executionName), encodeJson(document));
}

/** Which run an execution carries out; undefined if it ended before that was known. */
export function loadExecution(store: Store, executionName: string): Promise<ExecutionDocument | undefined> {
  return loadJson(store, objectKeys.execution(executionName), executionSchema);
}
