import { z } from "zod";
import { encodeJson, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import type { Store } from "./store.ts";

const nightSchema = z.object({
  schemaVersion: z.literal(1),
  date: z.string(),
  runId: z.string(),
  /** Why there are no figures; absent = there are. */
  gap: z.string().exactOptional(),
  /** Mean over the seeds, by what is swept. */
  means: z.record(z.string(), z.number()),
  verdict: z.enum(["none", "passed", "suspect", "regressed", "recovered"]).exactOptional(),
  confirms: z.string().exactOptional(),
});

/** A night in the history of the interval gate. */
export type IntervalNight = z.infer<typeof nightSchema>;

/** The nights of a benchmark, oldest first. */
export async function loadIntervalNights(store: Store, experiment: string): Promise<IntervalNight[]> {
  const keys = await store.list(`${folderOf(experiment)}/`);
  const nights = await mapConcurrently(keys, (key) => loadJson(store, key, nightSchema));
  return nights.filter((night) => night !== undefined);
}

/** Writes a night down. */
export function writeIntervalNight(store: Store, experiment: string, night: IntervalNight): Promise<void> {
  return store.put(`${folderOf(experiment)}/${night.date}-${night.runId}.json`, encodeJson(night));
}

function folderOf(experiment: string): string {
  return `history/${experiment}`;
}
