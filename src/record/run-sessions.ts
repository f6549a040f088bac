import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import { failureKinds } from "../contract/worker-messages.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { isProcessDead } from "./process-space.ts";
import type { Store } from "./store.ts";

const failure = z.object({ kind: z.enum(failureKinds), reason: z.string() });
const figure = z.number();

const stopSchema = z.discriminatedUnion("rule", [
  z.object({ rule: z.literal("maxFailures"), failures: figure, limit: figure }),
  z.object({ rule: z.literal("identicalFailures"), failures: figure, failure }),
  z.object({ rule: z.literal("infrastructure"), tries: figure, failure }),
  z.object({ rule: z.literal("runTimeLimit"), limitSeconds: figure }),
  z.object({ rule: z.literal("budgetHours"), hours: figure, limit: figure }),
  z.object({ rule: z.literal("budgetUsd"), usd: figure, limit: figure }),
  z.object({ rule: z.literal("cancelled") }),
]);

/** Which of its rules stopped a run, with the figures; text is made where it is shown. */
export type StopReason = z.infer<typeof stopSchema>;

const sessionSchema = z.object({
  schemaVersion: z.literal(1),
  /** Sorts by time, to the second. */
  sessionId: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  updatedAt: z.string(),
  /** Time of all attempts of the session together. */
  computingSeconds: z.number().min(0),
  /** Time of all machines of the session together. */
  paidSeconds: z.number().min(0),
  /** What an hour of a machine cost, in USD, as far as anybody has said; absent = unknown. */
  pricePerHour: z.number().min(0).exactOptional(),
  /** Present if a rule stopped the session. */
  stop: stopSchema.exactOptional(),
  /** The process; absent in sessions of older versions, which say nothing below either. */
  process: z.object({ space: z.string(), pid: z.int() }).exactOptional(),
  /** Version of the run's `control.json` that the session has last obeyed; 0 = there was none. */
  controlVersion: z.int().min(0).exactOptional(),
  /** ISO 8601, UTC; present once the session has ended in good order. */
  endedAt: z.string().exactOptional(),
});

/** `sessions/<id>.json` of a run: what one process that ran its trials has used up, and which rule stopped it. */
export type RunSession = z.infer<typeof sessionSchema>;

/**
 * Whether a session may still be running trials. A process that was killed on this machine is known to be gone; one on
 * another machine counts as running for as long as its document says nothing else.
 */
export function isOpen({ endedAt, process }: RunSession): boolean {
  return endedAt === undefined && process !== undefined && !isProcessDead(process);
}

const silentAfterMs = 60 * 60 * 1000;

/**
 * As `isOpen`, but who was last heard of an hour ago counts as gone: sessions write twice a minute, and clocks are
 * hardly ever wrong by that much. @param nowMs ms since 1970
 */
export function mayBeRunning(session: RunSession, nowMs: number): boolean {
  return isOpen(session) && nowMs - Date.parse(session.updatedAt) < silentAfterMs;
}

/** Writes what a session has come to so far; only the process whose session it is writes it. */
export function writeSession(store: Store, run: string, session: RunSession): Promise<void> {
  return store.put(objectKeys.session(run, session.sessionId), encodeJson(session));
}

/**
 * The sessions of a run, oldest first.
 * @param run key of the run's folder
 * @throws RecordError naming the key if one can't be read
 */
export async function loadSessions(store: Store, run: string): Promise<RunSession[]> {
  const keys = await store.list(`${run}/sessions/`);
  const sessions = await mapConcurrently(keys, (key) => loadJson(store, key, sessionSchema));
  // Their keys sort to the second only.
  return sessions
    .filter((session) => session !== undefined)
    .toSorted((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt));
}
