import { completeLedger } from "../record/ledger.ts";
import { loadRun } from "../record/load-run.ts";
import { writeIndex } from "../record/run-index.ts";
import type { RunRecords } from "../record/run-records.ts";
import { sealRun } from "../record/run-seal.ts";
import type { Store } from "../record/store.ts";
import type { RunState } from "./run-state.ts";

/**
 * Reads a run when nothing of it is dispatched any more, writes its index and seals it. A trial that this session does
 * not know to be finished may be so all the same, by a worker that was thought lost and died before it could tell the
 * ledger.
 * @param outcome.trained ids of the trials that this session trained
 */
export async function closeRun(
  store: Store,
  run: { readonly experiment: string; readonly runId: string },
  outcome: { readonly state: Pick<RunState, "trials">; readonly trained: ReadonlySet<string> },
): Promise<RunRecords> {
  const { trials } = outcome.state;
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const isUnknown = (index: number): boolean => trials[index]?.type !== "finished" && trials[index]?.type !== "cached";
  await completeLedger(store, { ...records, trials: records.trials.filter((_, index) => isUnknown(index)) });
  await writeIndex(store, records);
  await sealRun(store, records, outcome.trained);
  return records;
}
