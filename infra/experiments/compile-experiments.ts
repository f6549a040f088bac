import path from "node:path";
import type { JobSize } from "../../src/contract/deployment.ts";
import type { CompiledExperiment } from "../../src/orchestrate/cloud/compiled-experiment.ts";
import { shareOut } from "../../src/orchestrate/cloud/share-out.ts";
import { checkSweptPaths, listDatasets, listInitialWeights, planExperiment } from "../../src/plan/plan-experiment.ts";
import type { CodeIdentity } from "../../src/plan/plan.ts";
import type { ExperimentIssue } from "../../src/spec/issue.ts";
import { loadExperiment } from "../../src/spec/load-experiment.ts";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import { renderIssue } from "../../src/spec/render-issue.ts";
import { readDatasetFacts, type DatasetFacts } from "./dataset-facts.ts";
import { listExperimentFiles } from "./experiment-files.ts";

/** What compiling depends on besides the files. */
export interface CompileOptions {
  readonly code: CodeIdentity;
  readonly sizes: Readonly<Record<string, Omit<JobSize, "arn">>>;
  /** Absent = no git. */
  readonly commit?: string | undefined;
}

/** Says everything that is wrong with the experiments of a project, with file and line. */
export class InvalidExperimentsError extends Error {
  override readonly name = "InvalidExperimentsError";

  constructor(readonly issues: readonly ExperimentIssue[]) {
    super(issues.map(renderIssue).join("\n"));
  }
}

/**
 * Compiles all experiments of a project: checked, and planned where the facts of their data sets are in
 * `experiments/datasets.json`. Nothing else of this machine counts, so that everybody's template is the same.
 * @throws InvalidExperimentsError
 */
export async function compileExperiments(
  project: string,
  options: CompileOptions,
): Promise<readonly CompiledExperiment[]> {
  const facts = readDatasetFacts(project);
  const compiled: CompiledExperiment[] = [];
  const issues: ExperimentIssue[] = [];
  for (const file of listExperimentFiles(project)) {
    const result = await compileExperiment(file, project, facts, options);
    if ("issues" in result) issues.push(...result.issues);
    else compiled.push(result.compiled);
  }
  if (issues.length > 0) throw new InvalidExperimentsError(issues);
  return refuseSameNames(compiled);
}

async function compileExperiment(
  file: string,
  project: string,
  facts: DatasetFacts,
  { code, sizes, commit }: CompileOptions,
): Promise<{ readonly compiled: CompiledExperiment } | { readonly issues: readonly ExperimentIssue[] }> {
  const shown = path.relative(process.cwd(), file);
  const loaded = await loadExperiment(shown);
  if ("issues" in loaded) return loaded;
  const placed = path.relative(project, file).split(path.sep).join("/");
  const experiment = { ...loaded.experiment, file: placed };
  const base = { schemaVersion: 1, experiment, ...(commit !== undefined && { commit }) } as const;

  const datasets = listDatasets(experiment).map(({ spec }) => ({ spec, dataset: facts.of(spec, path.dirname(file)) }));
  const known = datasets.flatMap(({ spec, dataset }) => (dataset === undefined ? [] : [{ spec, dataset }]));
  if (known.length < datasets.length || listInitialWeights(experiment).length > 0) {
    const issues = locateIssues(checkSweptPaths(experiment), loaded.source);
    return issues.length > 0 ? { issues } : { compiled: base };
  }
  const planned = planExperiment(experiment, known, code, [], "tensorflow");
  if ("issues" in planned) return { issues: locateIssues(planned.issues, loaded.source) };
  const { plan } = planned;
  return { compiled: { ...base, plan, chunks: shareOut(plan, [...plan.trials.keys()], sizes) } };
}

/** Records of experiments with the same name would be kept together. */
function refuseSameNames(compiled: readonly CompiledExperiment[]): readonly CompiledExperiment[] {
  const files = new Map<string, string>();
  for (const { experiment } of compiled) {
    const { name } = experiment.spec;
    const other = files.get(name);
    if (other !== undefined) {
      const message = `${experiment.file} has the same name as ${other}: ${name}`;
      throw new InvalidExperimentsError([
        {
          code: "same-name",
          path: ["name"],
          message,
          fix: "give one of them another name",
          position: { file: experiment.file, line: 1, column: 1 },
        },
      ]);
    }
    files.set(name, experiment.file);
  }
  return compiled;
}
