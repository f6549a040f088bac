import { objectKeys } from "../contract/object-keys.ts";
import { encodeJsonLines } from "./json-object.ts";
import { loadRun } from "./load-run.ts";
import type { RunRecords, TrialRecord } from "./run-records.ts";
import type { Store } from "./store.ts";

/**
 * Writes `index.jsonl` of a run: a line per trial in the plan's order, with its id, state and test metrics, for
 * whoever wants an overview without reading every record. It can be made again from the records at any time.
 */
export async function writeIndex(store: Store, { experiment, runId, trials }: RunRecords): Promise<void> {
  await store.put(objectKeys.index(objectKeys.run(experiment, runId)), encodeJsonLines(trials.map(indexLine)));
}

/** Makes `index.jsonl` of a run again from its records. */
export async function rebuildIndex(store: Store, experiment: string, runId: string): Promise<void> {
  await writeIndex(store, await loadRun(store, experiment, runId, { parts: [] }));
}

function indexLine({ trial, key, cachedFrom, state }: TrialRecord) {
  return {
    trialId: trial.id,
    configuration: trial.configuration,
    seed: trial.seed,
    state: state.type,
    ...(cachedFrom === undefined ? {} : { cachedFrom }),
    ...(state.type === "finished" ? { key, testedEpoch: state.result.testedEpoch, test: state.result.test } : {}),
    ...(state.type === "failed" ? { failure: state.failure.kind } : {}),
  };
}
