import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import { failureKinds } from "../contract/worker-messages.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import { RecordError } from "./record-error.ts";
import type { Store } from "./store.ts";

const count = z.int().min(0);

/** Consecutive numbers: the first one, and how many. */
const rangesSchema = z.array(z.tuple([count, z.int().min(1)]));

/** Numbers in order, as consecutive pieces. */
export type Ranges = z.infer<typeof rangesSchema>;

const chunkSchema = z.object({
  jobName: z.string(),
  jobQueue: z.string(),
  jobDefinition: z.string(),
  size: z.int().min(1),
  timeoutSeconds: z.int().min(1),
  environment: z.array(z.object({ Name: z.string(), Value: z.string() })).readonly(),
});

const roundSchema = z.object({
  schemaVersion: z.literal(1),
  round: z.int().min(1),
  /** ARN of the execution that the round belongs to, and the first of its rounds. */
  execution: z.string(),
  firstRound: z.int().min(1),
  /** When it was decided: ISO 8601, UTC. */
  at: z.string(),
  isConfirming: z.boolean(),
  /** Indexes in `plan.trials`, in the order in which jobs take them. */
  trials: rangesSchema,
  chunks: z.array(chunkSchema).readonly(),
  /** Of the first round: trials that were finished before. */
  known: rangesSchema.exactOptional(),
});

/** `rounds/<n>.json` of a run: which trials the jobs of a round take. Written once. */
export type RunRound = z.infer<typeof roundSchema>;

const outcomeSchema = z.object({
  schemaVersion: z.literal(1),
  round: z.int().min(1),
  /** When it was collected: ISO 8601, UTC. */
  at: z.string(),
  /** Trials of the round that didn't finish; all others did. */
  failed: z.array(z.object({ trial: count, kind: z.enum(failureKinds), reason: z.string() })),
  /** Of all jobs of the round together. */
  computingSeconds: z.number().min(0),
});

/** `rounds/<n>-outcome.json` of a run: what became of a round's trials. Written once. */
export type RoundOutcome = z.infer<typeof outcomeSchema>;

/** The numbers of ranges, in order. */
export function numbersOf(ranges: Ranges): number[] {
  return ranges.flatMap(([first, count]) => Array.from({ length: count }, (_, index) => first + index));
}

/** Numbers as ranges, in the same order. */
export function rangesOf(numbers: readonly number[]): Ranges {
  const ranges: Ranges = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === number) last[1]++;
    else ranges.push([number, 1]);
  }
  return ranges;
}

/** A round of a run, or undefined if there is none. @param run key of the run's folder */
export function loadRound(store: Store, run: string, round: number): Promise<RunRound | undefined> {
  return loadJson(store, objectKeys.round(run, round), roundSchema);
}

/** The round under a key. @throws RecordError if there is none */
export async function requireRound(store: Store, key: string): Promise<RunRound> {
  const round = await loadJson(store, key, roundSchema);
  if (round === undefined)
    throw new RecordError(key, { problem: "there is no such round", fix: "check the run and its store" });
  return round;
}

/** What became of a round, or undefined if that is not known yet. @param run key of the run's folder */
export function loadRoundOutcome(store: Store, run: string, round: number): Promise<RoundOutcome | undefined> {
  return loadJson(store, objectKeys.roundOutcome(run, round), outcomeSchema);
}

/** Number of the last round of a run; 0 = it has none. @param run key of the run's folder */
export async function lastRound(store: Store, run: string): Promise<number> {
  const keys = await store.list(`${run}/rounds/`);
  return keys.reduce((last, key) => Math.max(last, Number(/\/(\d+)\.json$/.exec(key)?.[1] ?? 0)), 0);
}

/** Writes a round unless it is there. @returns the round that is there now */
export async function writeRound(store: Store, run: string, round: RunRound): Promise<RunRound> {
  const key = objectKeys.round(run, round.round);
  return (await store.putIfAbsent(key, encodeJson(round))) ? round : requireRound(store, key);
}

/** Writes what became of a round unless that is there. @returns what is there now */
export async function writeRoundOutcome(store: Store, run: string, outcome: RoundOutcome): Promise<RoundOutcome> {
  if (await store.putIfAbsent(objectKeys.roundOutcome(run, outcome.round), encodeJson(outcome))) return outcome;
  return (await loadRoundOutcome(store, run, outcome.round)) ?? outcome;
}
