import { objectKeys } from "../contract/object-keys.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import {
  acknowledgementSchema,
  nightSchema,
  type Acknowledgement,
  type BenchmarkHistory,
  type NightDocument,
} from "./night-document.ts";
import type { Store } from "./store.ts";

/** Writes down what a run of a benchmark came to; the same run again replaces it, as it may have gone on since. */
export function writeNight(store: Store, night: NightDocument): Promise<void> {
  return store.put(objectKeys.night(night.benchmark, night.date, night.runId), encodeJson(night));
}

/** Writes down that a change is known. One of the same moment stays as it is. */
export async function writeAcknowledgement(store: Store, acknowledgement: Acknowledgement): Promise<void> {
  const { benchmark, runId, at } = acknowledgement;
  const id = `${at.replaceAll(/[-:.]/g, "")}-${runId}`;
  await store.putIfAbsent(objectKeys.acknowledgement(benchmark, id), encodeJson(acknowledgement));
}

/**
 * The history of a benchmark; empty if there is none.
 * @throws RecordError naming the key if an object can't be read
 */
export async function loadHistory(store: Store, benchmark: string): Promise<BenchmarkHistory> {
  const keys = await store.list(`${objectKeys.history(benchmark)}/`);
  const acknowledged = `${objectKeys.history(benchmark)}/acknowledged/`;
  const [ofPeople, ofRuns] = [
    keys.filter((key) => key.startsWith(acknowledged)),
    keys.filter((key) => !key.startsWith(acknowledged)),
  ];
  const nights = await mapConcurrently(ofRuns, (key) => loadJson(store, key, nightSchema));
  const acknowledgements = await mapConcurrently(ofPeople, (key) => loadJson(store, key, acknowledgementSchema));
  return {
    nights: nights
      .filter((night) => night !== undefined)
      .sort((a, b) => (a.startedAt < b.startedAt || (a.startedAt === b.startedAt && a.runId < b.runId) ? -1 : 1)),
    acknowledgements: acknowledgements.filter((entry) => entry !== undefined),
  };
}
