import { compareRun } from "../compare/compare-run.ts";
import type { Comparison } from "../compare/comparison.ts";
import { confusionOf, type ConfusionTable } from "../compare/confusion-of.ts";
import type { SeedPredictions } from "../compare/model-duel.ts";
import { selectSubject } from "../compare/select.ts";
import { loadRun } from "../record/load-run.ts";
import { loadPredictions } from "../record/predictions.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { findRun } from "./find-run.ts";

/** A trial or configuration that somebody named. */
export interface SubjectReference {
  readonly experiment: string;
  /** Id or its beginning; undefined = the newest. */
  readonly run: string | undefined;
  /** `best`, a rank, or an id's beginning. */
  readonly which: string;
}

/** A confusion matrix with the run that it is from. */
export interface FoundConfusion {
  readonly table: ConfusionTable;
  readonly comparison: Comparison;
  readonly records: RunRecords;
}

/** What is named by `<which>`, of the run at hand, or by `<experiment>:<which>`, of that experiment's newest run. */
export function splitReference(
  reference: string,
  { experiment, run }: Pick<SubjectReference, "experiment" | "run">,
): SubjectReference {
  const colon = reference.lastIndexOf(":");
  if (colon < 0) return { experiment, run, which: reference };
  return { experiment: reference.slice(0, colon), run: undefined, which: reference.slice(colon + 1) };
}

/** The confusion matrix of a trial, or of a configuration summed over its seeds. @throws CliError, ComparisonError */
export async function loadConfusion(
  store: Store,
  { experiment, run, which }: SubjectReference,
): Promise<FoundConfusion> {
  const found = await findRun(store, { target: experiment, run });
  const records = await loadRun(store, found.experiment, found.runId, { parts: ["confusion"] });
  const comparison = compareRun(records);
  return { table: confusionOf(records, selectSubject(comparison, which)), comparison, records };
}

/** The predictions of the trials that a matrix was summed over; undefined if one's record has none. */
export async function loadPredictionsOf(
  store: Store,
  { table, records }: Pick<FoundConfusion, "table" | "records">,
): Promise<readonly SeedPredictions[] | undefined> {
  const keys = new Map(records.trials.map(({ trial, key }) => [trial.id, key]));
  const loaded: SeedPredictions[] = [];
  for (const { trialId, seed } of table.source.trials) {
    const predictions = await loadPredictions(store, keys.get(trialId) ?? "");
    if (predictions === undefined) return undefined;
    loaded.push({ seed, predictions });
  }
  return loaded;
}
