import path from "node:path";
import { loadManifest } from "../dataset/open-dataset.ts";
import type { DatasetProblem } from "../dataset/dataset-problem.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";
import {
  checkSweptPaths,
  listDatasets,
  listInitialWeights,
  planExperiment,
  type KnownDataset,
} from "../plan/plan-experiment.ts";
import type { CodeIdentity, Plan } from "../plan/plan.ts";
import type { ExperimentIssue } from "../spec/issue.ts";
import { loadExperiment, type ExperimentChanges } from "../spec/load-experiment.ts";
import { locateIssues } from "../spec/locate-issues.ts";
import type { Store } from "../record/store.ts";
import { resolveInitialWeights } from "./resolve-initial-weights.ts";

/** How an experiment file is planned. */
export interface LoadOptions extends ExperimentChanges {
  /** Where trials are looked up whose weights a model is to start from; absent = they can't be. */
  readonly store?: Store | undefined;
  /** What trials will run on; absent = no engine's limits are checked. */
  readonly engine?: PlannedEngine | undefined;
}

/** A planned experiment file. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** Absolute path of the YAML file. */
  readonly experimentFile: string;
  /** Folder that relative data set folders start from: the YAML file's own. */
  readonly dataRoot: string;
}

/**
 * Reads an experiment file, looks at its data sets and plans it.
 * @param file path of the YAML file, shown in issues as given
 * @param options what the command line sets besides, and where trials are looked up whose weights models start from
 * @returns the plan, or everything that is wrong with experiment or data, located in the file
 */
export async function loadPlan(
  file: string,
  code: CodeIdentity,
  options: LoadOptions = {},
): Promise<LoadedPlan | { readonly issues: readonly ExperimentIssue[] }> {
  const loaded = await loadExperiment(file, options);
  if ("issues" in loaded) return loaded;
  const { experiment, source } = loaded;

  const dataRoot = path.dirname(path.resolve(file));
  const datasets: KnownDataset[] = [];
  const issues: ExperimentIssue[] = [];
  for (const { spec, path: issuePath } of listDatasets(experiment)) {
    const found = await loadManifest(spec, dataRoot);
    if ("manifest" in found) datasets.push({ spec, dataset: found.manifest });
    else issues.push(...found.problems.map((problem) => datasetIssue(problem, issuePath)));
  }
  const weights = await resolveInitialWeights(listInitialWeights(experiment), { dataRoot, store: options.store });
  issues.push(...weights.issues);
  if (issues.length > 0) return { issues: locateIssues([...issues, ...checkSweptPaths(experiment)], source) };

  const planned = planExperiment(experiment, datasets, code, weights.known, options.engine);
  if ("issues" in planned) return { issues: locateIssues(planned.issues, source) };
  return { plan: planned.plan, experimentFile: path.resolve(file), dataRoot };
}

function datasetIssue(problem: DatasetProblem, issuePath: ExperimentIssue["path"]): ExperimentIssue {
  return {
    code: `data-${problem.code}`,
    path: issuePath,
    message: `${problem.file}: ${problem.message}`,
    fix: problem.fix,
  };
}
