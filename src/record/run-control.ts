import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import { decodeJson, encodeJson, loadJson } from "./json-object.ts";
import { trialIdSchema } from "./record-schemas.ts";
import type { Store } from "./store.ts";

const version = z.int().min(1);

const controlSchema = z.object({
  schemaVersion: z.literal(1),
  /** Counts the changes. */
  version,
  /** Stays until somebody changes it, whoever runs the trials meanwhile. */
  state: z.enum(["running", "paused", "cancelled"]),
  /** Trials side by side, for those who run the trials when it is asked for. */
  workers: z.object({ count: z.int().min(1), version }).exactOptional(),
  /** How the run goes before others on its machine, for those who run the trials when it is asked for. */
  priority: z.object({ value: z.int(), version }).exactOptional(),
  /** Failed trials that are to be tried again, each once by those who run the trials when it is asked for. */
  retries: z.array(z.object({ trialId: trialIdSchema, version })),
  /** ISO 8601, UTC, by the clock of who changed it. */
  changedAt: z.string(),
});

/** `control.json` of a run: what people ask of those who run its trials. */
export type ControlDocument = z.infer<typeof controlSchema>;

/** A change of what is asked; absent = as it is. */
export interface ControlChange {
  readonly state?: ControlDocument["state"];
  readonly workers?: number;
  readonly priority?: number;
  readonly retries?: readonly TrialId[];
}

/** What is asked of a run, or undefined if nobody has asked for anything. @param run key of the run's folder */
export function loadControl(store: Store, run: string): Promise<ControlDocument | undefined> {
  return loadJson(store, objectKeys.control(run), controlSchema);
}

/**
 * Asks something of a run, whoever else asks at the same time.
 * @returns what is asked now, and what was before
 */
export async function changeControl(
  store: Store,
  run: string,
  change: ControlChange,
  now: Date,
): Promise<{ readonly before: ControlDocument | undefined; readonly after: ControlDocument }> {
  const key = objectKeys.control(run);
  for (;;) {
    const object = await store.getVersioned(key);
    const before = object && decodeJson(key, object.bytes, controlSchema);
    const after = changed(before, change, now);
    const bytes = encodeJson(after);
    const isWritten =
      object === undefined ? await store.putIfAbsent(key, bytes) : await store.putIfMatch(key, bytes, object.version);
    if (isWritten) return { before, after };
  }
}

function changed(before: ControlDocument | undefined, change: ControlChange, now: Date): ControlDocument {
  const version = (before?.version ?? 0) + 1;
  const again = new Set(change.retries);
  const workers = change.workers === undefined ? before?.workers : { count: change.workers, version };
  const priority = change.priority === undefined ? before?.priority : { value: change.priority, version };
  return {
    schemaVersion: 1,
    version,
    state: change.state ?? before?.state ?? "running",
    ...(workers !== undefined && { workers }),
    ...(priority !== undefined && { priority }),
    retries: [
      ...(before?.retries ?? []).filter(({ trialId }) => !again.has(trialId)),
      ...[...again].map((trialId) => ({ trialId, version })),
    ],
    changedAt: now.toISOString(),
  };
}
