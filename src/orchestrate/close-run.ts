import { completeLedger } from "../record/ledger.ts";
import { loadRun } from "../record/load-run.ts";
import { writeIndex } from "../record/run-index.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { RunState } from "./run-state.ts";

/**
 * Reads a run when nothing of it is dispatched any more, and writes its index. A trial that this session does not know
 * to be finished may be so all the same, by a worker that was thought lost and died before it could tell the ledger.
 */
export async function closeRun(
  store: Store,
  run: { readonly experiment: string; readonly runId: string },
  { trials }: Pick<RunState, "trials">,
): Promise<RunRecords> {
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const isUnknown = (index: number): boolean => trials[index]?.type !== "finished" && trials[index]?.type !== "cached";
  await completeLedger(store, { ...records, trials: records.trials.filter((_, index) => isUnknown(index)) });
  await writeIndex(store, records);
  return records;
}
