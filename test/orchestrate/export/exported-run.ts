import { compareRun } from "../../../src/compare/compare-run.ts";
import type { ExportedRun } from "../../../src/orchestrate/export/export-tables.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import type { TrialRecord } from "../../../src/record/run-records.ts";
import { sampleRecords, type SampleOptions } from "../../report/sample-records.ts";

/** Four test examples of each finished trial: right, wrong, right, right. */
export const samplePredictions = "example,label,predicted,probability\n0,7,7,0.99\n1,2,3,0.51\n2,1,1,0.9\n3,0,0,1\n";

/** The sample run (12 trials, the last one failed after two epochs) with predictions and times, ready to be exported. */
export async function sampleRun(
  change: (record: TrialRecord) => TrialRecord = (record) => record,
  options: SampleOptions = {},
): Promise<ExportedRun> {
  const store = new MemoryStore();
  const records = sampleRecords(options);
  const trials = records.trials.map((record) => change(withTimings(record)));
  for (const { key, state } of trials) {
    if (state.type === "finished")
      await store.put(`${key}/predictions.csv`, new TextEncoder().encode(samplePredictions));
  }
  const changed = { ...records, trials };
  return { store, records: changed, comparison: compareRun(changed) };
}

/** Each epoch took 1.5 seconds. */
function withTimings(record: TrialRecord): TrialRecord {
  const timings = record.metrics.map(({ epoch }) => ({ epoch, attempt: 1, seconds: 1.5, examplesPerSecond: 1000 }));
  return { ...record, timings };
}
