import { compareRun } from "../compare/compare-run.ts";
import { confusionOf } from "../compare/confusion-of.ts";
import { selectTrial } from "../compare/select.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { resolveTrial } from "../plan/resolve-trial.ts";
import { loadRun } from "../record/load-run.ts";
import { loadParts } from "../record/load-trial.ts";
import { loadProvenances } from "../record/provenance.ts";
import type { RunDocument } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { renderModelCard } from "../report/model-card/render-model-card.ts";

/**
 * The model card of a finished trial, from its run's records.
 * @param which `best`, a rank, or the beginning of an id
 * @throws ComparisonError if nothing finished is called that
 */
export async function renderTrialCard(
  store: Store,
  { experiment, runId }: RunDocument,
  which: string,
): Promise<{ readonly trialId: string; readonly markdown: string }> {
  const records = await loadRun(store, experiment, runId, { parts: ["environment"] });
  const comparison = compareRun(records);
  const row = selectTrial(comparison, which);
  const index = records.trials.findIndex(({ trial }) => trial.id === row.trialId);
  const found = records.trials[index];
  if (found === undefined) throw new Error(`the run has no trial ${row.trialId}`);
  const record = await loadParts(store, found, ["confusion"]);
  const own = { ...records, trials: [record] };
  const provenances = await loadProvenances(store, objectKeys.run(experiment, runId));
  const markdown = renderModelCard({
    records: { ...records, provenances },
    comparison,
    trial: resolveTrial(records.plan, index),
    record,
    row,
    confusion: confusionOf(own, { type: "trial", trialId: row.trialId }),
  });
  return { trialId: row.trialId, markdown };
}
