import type { z } from "zod";
import { trialFiles } from "../contract/object-keys.ts";
import { decodeJsonLines, loadJson } from "./json-object.ts";
import { trialDocumentSchema } from "./trial-document-schema.ts";
import { RecordError } from "./record-error.ts";
import {
  confusionSchema,
  environmentSchema,
  epochTimingSchema,
  failureSchema,
  metricsLineSchema,
  trialResultSchema,
} from "./record-schemas.ts";
import type { TrialRecord } from "./run-records.ts";
import type { Store } from "./store.ts";
import type { EpochTiming, MetricsLine, TrialDocument } from "./trial-record.ts";

/** A part of a trial's record besides its state. */
export type TrialPart = "metrics" | "timings" | "confusion" | "environment";

/** How far a trial got whose record was begun. @param trialKey key of the record's folder */
export async function loadTrialState(store: Store, trialKey: string): Promise<TrialRecord["state"]> {
  const result = await loadJson(store, `${trialKey}/${trialFiles.result}`, trialResultSchema);
  if (result !== undefined) return { type: "finished", result };
  const failure = await loadJson(store, `${trialKey}/${trialFiles.failure}`, failureSchema);
  return failure === undefined ? { type: "started" } : { type: "failed", failure };
}

/**
 * A trial's record with more of its parts.
 * @throws RecordError naming the key if an object can't be read, or is missing though the result lists it
 */
export async function loadParts(store: Store, record: TrialRecord, parts: readonly TrialPart[]): Promise<TrialRecord> {
  if (record.state.type === "pending" || parts.length === 0) return record;
  const { key } = record;
  const wanted = new Set(parts);
  const metrics = wanted.has("metrics") ? listed(record, trialFiles.metrics, await loadMetrics(store, key)) : undefined;
  const timings = wanted.has("timings") ? await loadTimings(store, key) : undefined;
  const confusion = wanted.has("confusion")
    ? listed(record, trialFiles.confusion, await loadJson(store, `${key}/${trialFiles.confusion}`, confusionSchema))
    : undefined;
  const environment = wanted.has("environment")
    ? await loadJson(store, `${key}/${trialFiles.environment}`, environmentSchema)
    : undefined;
  return {
    ...record,
    ...(metrics === undefined ? {} : { metrics }),
    ...(timings === undefined ? {} : { timings }),
    ...(confusion === undefined ? {} : { confusion }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** The lines of a trial's `metrics.jsonl`, or undefined if there is none. @param trialKey key of the record's folder */
export function loadMetrics(store: Store, trialKey: string): Promise<MetricsLine[] | undefined> {
  return loadLines(store, `${trialKey}/${trialFiles.metrics}`, metricsLineSchema);
}

/** The lines of a trial's `timings.jsonl`, or undefined if there is none. @param trialKey key of the record's folder */
export function loadTimings(store: Store, trialKey: string): Promise<EpochTiming[] | undefined> {
  return loadLines(store, `${trialKey}/${trialFiles.timings}`, epochTimingSchema);
}

/** A trial's `trial.json`, or undefined if there is none. @param trialKey key of the record's folder */
export function loadTrialDocument(store: Store, trialKey: string): Promise<TrialDocument | undefined> {
  return loadJson(store, `${trialKey}/${trialFiles.trial}`, trialDocumentSchema);
}

async function loadLines<Line>(store: Store, key: string, schema: z.ZodType<Line>): Promise<Line[] | undefined> {
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : decodeJsonLines(key, bytes, schema);
}

/** Refuses a finished record that lacks a file which its result lists. */
function listed<Part>({ key, state }: TrialRecord, name: string, part: Part | undefined): Part | undefined {
  if (part === undefined && state.type === "finished" && state.result.files[name] !== undefined) {
    throw new RecordError(`${key}/${name}`, {
      problem: "is missing, though the trial is finished and its result lists it",
      fix: "restore it, or delete the trial's folder and run the experiment again",
    });
  }
  return part;
}
