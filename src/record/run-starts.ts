import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import type { Store } from "./store.ts";

const startSchema = z.object({
  schemaVersion: z.literal(1),
  /** From 1. */
  start: z.int().min(1),
  /** Name of the execution. */
  name: z.string(),
  /** Its input as JSON: the same name with the same input is the same execution. */
  input: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  stateMachineArn: z.string(),
  /** ARNs. */
  queue: z.string(),
  logGroup: z.string(),
  /** Id of the `provenance/<id>.json` that its trials name. */
  provenance: z.string().exactOptional(),
});

/** `starts/<n>.json` of a run: an execution of the state machine that a person has started, or is about to. */
export type RunStart = z.infer<typeof startSchema>;

/** The executions that people have started for a run, oldest first. @param run key of the run's folder */
export async function loadStarts(store: Store, run: string): Promise<RunStart[]> {
  const keys = await store.list(`${run}/starts/`);
  const starts = await Promise.all(keys.map((key) => loadJson(store, key, startSchema)));
  return starts.filter((start) => start !== undefined).sort((a, b) => a.start - b.start);
}

/** Writes down that an execution is about to be started, unless somebody else has. @returns what is there now */
export async function writeStart(store: Store, run: string, start: RunStart): Promise<RunStart> {
  const key = objectKeys.start(run, start.start);
  if (await store.putIfAbsent(key, encodeJson(start))) return start;
  return (await loadJson(store, key, startSchema)) ?? start;
}
