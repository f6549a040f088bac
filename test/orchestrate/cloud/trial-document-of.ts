import type { Plan, TrialId } from "../../../src/plan/plan.ts";
import { resolveTrial } from "../../../src/plan/resolve-trial.ts";
import type { TrialDocument } from "../../../src/record/trial-record.ts";

/** `trial.json` of a plan's trial. */
export function trialDocumentOf(
  plan: Plan,
  index: number,
  runId: string,
): { readonly document: TrialDocument; readonly trialId: TrialId } {
  const { id, seed, configuration, data, model, training, evaluation } = resolveTrial(plan, index);
  const ids = { runId, id, seed, configurationId: configuration.id, values: configuration.values };
  return { document: { schemaVersion: 1, ...ids, data, model, training, evaluation }, trialId: id };
}
