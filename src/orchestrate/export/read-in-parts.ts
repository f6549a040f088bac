import { loadParts, type TrialPart } from "../../record/load-trial.ts";
import { mapConcurrently } from "../../record/map-concurrently.ts";
import type { TrialRecord } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";

/** Trials that are read together: enough to hide the latency of a bucket, few enough to hold with all their epochs. */
const trialsAtOnce = 64;

/** Trials in their order, each with more of its parts, which nothing holds on to once the trial was handed out. */
export async function* readInParts(
  store: Store,
  trials: readonly TrialRecord[],
  parts: readonly TrialPart[],
): AsyncGenerator<TrialRecord> {
  for (let first = 0; first < trials.length; first += trialsAtOnce) {
    yield* await mapConcurrently(trials.slice(first, first + trialsAtOnce), (trial) => loadParts(store, trial, parts));
  }
}
