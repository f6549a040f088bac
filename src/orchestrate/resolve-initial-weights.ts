import path from "node:path";
import { compareRun } from "../compare/compare-run.ts";
import { ComparisonError } from "../compare/comparison-error.ts";
import { selectTrial } from "../compare/select.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { KnownWeights } from "../plan/initial-weights.ts";
import { isTrialId } from "../plan/trial-id.ts";
import { findFinished } from "../record/ledger.ts";
import { loadRun } from "../record/load-run.ts";
import { loadTrialWeights, loadWeightsFile } from "../record/load-weights.ts";
import { RecordError } from "../record/record-error.ts";
import { listExperiments, listRuns } from "../record/run-store.ts";
import type { Store } from "../record/store.ts";
import { hashWeights, type Weights } from "../record/weight-tensors.ts";
import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import { nearestName } from "../spec/nearest-name.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";

/** Where weights can come from. */
export interface WeightsSources {
  /** Folder that relative files start from. */
  readonly dataRoot: string;
  /** Where trials are looked up; absent = they can't be. */
  readonly store?: Store | undefined;
}

/** A trial that weights are taken from, or why there is none. */
type FoundTrial = { readonly trialKey: string } | { readonly problem: string; readonly fix: string };

/**
 * Reads the weights that models are to start from.
 * @param named what the experiment names, and where
 * @returns the facts that planning needs, and what can't be had
 */
export async function resolveInitialWeights(
  named: readonly { readonly spec: InitialWeights; readonly path: DocumentPath }[],
  sources: WeightsSources,
): Promise<{ readonly known: readonly KnownWeights[]; readonly issues: readonly ExperimentIssue[] }> {
  const known: KnownWeights[] = [];
  const issues: ExperimentIssue[] = [];
  for (const { spec, path: place } of named) {
    const found = await resolveOne(spec, sources);
    if ("weights" in found) {
      known.push({ spec, weights: found.weights });
      continue;
    }
    const name = "file" in spec ? spec.file : `trial ${spec.trial}`;
    issues.push({ code: "no-weights", path: place, message: `${name}: ${found.problem}`, fix: found.fix });
  }
  return { known, issues };
}

async function resolveOne(
  spec: InitialWeights,
  { dataRoot, store }: WeightsSources,
): Promise<Pick<KnownWeights, "weights"> | { readonly problem: string; readonly fix: string }> {
  if ("file" in spec) return describe(await loadWeightsFile(path.resolve(dataRoot, spec.file)));
  if (store === undefined) return { problem: "there is no store to look it up in", fix: "name one with --store" };
  const found = await findTrial(store, spec.trial);
  return "trialKey" in found ? describe(await loadTrialWeights(store, found.trialKey), found.trialKey) : found;
}

function describe(weights: Weights, trialKey?: string) {
  if (!("tensors" in weights)) return weights;
  const tensors = weights.tensors.map(({ name, shape }) => ({ name, shape }));
  return { weights: { sha256: hashWeights(weights.tensors), tensors, ...(trialKey !== undefined && { trialKey }) } };
}

/** @param reference a trial's id, or `<experiment>[:<which>]` of its newest run */
async function findTrial(store: Store, reference: string): Promise<FoundTrial> {
  if (isTrialId(reference)) {
    const entry = (await findFinished(store, [reference])).get(reference);
    if (entry) return { trialKey: objectKeys.trial(objectKeys.run(entry.experiment, entry.runId), reference) };
    const problem = `no finished trial with this id is in ${store.location}`;
    return { problem, fix: "check the id, or name another store with --store" };
  }
  const [experiment = "", which = "best"] = reference.split(":", 2);
  const run = (await listRuns(store, experiment)).at(-1);
  if (run === undefined) return noRun(store, experiment);
  try {
    const records = await loadRun(store, experiment, run.runId, { parts: ["metrics"] });
    const { trialId } = selectTrial(compareRun(records), which);
    const record = records.trials.find(({ trial }) => trial.id === trialId);
    if (record) return { trialKey: record.key };
    return { problem: "it is not in its run's plan", fix: "name another trial" };
  } catch (error) {
    if (error instanceof ComparisonError) return { problem: error.message, fix: error.fix };
    if (error instanceof RecordError)
      return { problem: error.message, fix: "restore the record, or name another trial" };
    throw error;
  }
}

async function noRun(store: Store, experiment: string): Promise<FoundTrial> {
  const others = await listExperiments(store);
  const near = nearestName(experiment, others);
  const problem = `there is no run of ${JSON.stringify(experiment)} in ${store.location}`;
  if (near !== undefined) return { problem, fix: `did you mean \`${near}\`?` };
  const fix = "run that experiment first, or name another store with --store";
  return {
    problem,
    fix: others.length > 0 ? `${fix}; experiments with runs are ${others.slice(0, 8).join(", ")}` : fix,
  };
}
