import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import type { Experiment } from "../spec/parse-experiment.ts";
import type { Data } from "../spec/schema/data.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";
import { canonicalJson } from "./canonical-json.ts";
import { createConfigurationChecker } from "./check-configuration.ts";
import { expandGrid } from "./expand-sweep.ts";
import { type KnownWeights, type WeightsFacts, weightsPath } from "./initial-weights.ts";
import type { CodeIdentity, Plan, PlannedConfiguration, PlannedDataset } from "./plan.ts";
import { createPlanTables, type PlanContent } from "./plan-tables.ts";
import { formatCount } from "./shape.ts";
import { parseAxes, type SweepAxis } from "./sweep-axes.ts";
import { createSweepIssues } from "./sweep-issues.ts";
import { planIdOf } from "./trial-id.ts";

/** A data set as the experiment names it, with what is known about it. */
export interface KnownDataset {
  readonly spec: Data["dataset"];
  readonly dataset: PlannedDataset;
}

/** More trials than this are taken for a mistake. */
const maxTrialCount = 100_000;

/**
 * Works out everything that will be run. Pure: the same inputs give the same plan, to the byte.
 * @param datasets one for each entry of `listDatasets`
 * @param weights one for each entry of `listInitialWeights`
 * @returns the plan, or everything that is wrong with any configuration of the sweep; issues have no positions yet
 */
export function planExperiment(
  experiment: Experiment,
  datasets: readonly KnownDataset[],
  code: CodeIdentity,
  weights: readonly KnownWeights[] = [],
): { readonly plan: Plan } | { readonly issues: readonly ExperimentIssue[] } {
  const { document, spec } = experiment;
  const { axes, issues: axisIssues } = parseAxes(spec.sweep.grid, document);
  const seeds = [...new Set(spec.sweep.seeds)];
  const tooMany = checkTrialCount(axes, seeds);
  if (tooMany) return { issues: [...axisIssues, tooMany] };

  const check = createConfigurationChecker(
    { datasetOf: createLookup(datasets), weightsOf: createWeightsLookup(weights) },
    spec.resources,
  );
  const found = createSweepIssues(axes);
  const tables = createPlanTables(seeds, code.resultsVersion);
  for (const { digits, sections } of expandGrid(document, axes)) {
    const { configuration, results } = check(sections);
    if (configuration) tables.add(configuration, valuesAt(axes, digits));
    found.add(results, digits);
  }

  const issues = [...axisIssues, ...found.list()];
  return issues.length > 0 ? { issues } : { plan: assemblePlan(experiment, code, tables.content) };
}

/**
 * The data sets that any configuration of an experiment uses, each once.
 * @returns the data sets as named in the experiment, and where the first mention stands
 */
export function listDatasets(
  experiment: Experiment,
): readonly { readonly spec: Data["dataset"]; readonly path: DocumentPath }[] {
  const { axes } = parseAxes(experiment.spec.sweep.grid, experiment.document);
  const dataAxes = axes.filter((axis) => axis.section === "data");
  if (checkTrialCount(dataAxes, [1])) return [{ spec: experiment.spec.data.dataset, path: datasetPath }];
  const found = new Map<string, { readonly spec: Data["dataset"]; readonly path: DocumentPath }>();
  for (const { digits, sections } of expandGrid(experiment.document, dataAxes)) {
    if (!("value" in sections.data)) continue;
    const spec = sections.data.value.dataset;
    const key = canonicalJson(spec);
    if (!found.has(key)) found.set(key, { spec, path: locateSwept(datasetPath, dataAxes, digits) });
  }
  return [...found.values()];
}

/**
 * The weights that models of any configuration of an experiment start from, each source once.
 * @returns the weights as named in the experiment, and where the first mention stands
 */
export function listInitialWeights(
  experiment: Experiment,
): readonly { readonly spec: InitialWeights; readonly path: DocumentPath }[] {
  const { axes } = parseAxes(experiment.spec.sweep.grid, experiment.document);
  const modelAxes = axes.filter((axis) => axis.section === "model");
  if (checkTrialCount(modelAxes, [1])) return [];
  const found = new Map<string, { readonly spec: InitialWeights; readonly path: DocumentPath }>();
  for (const { digits, sections } of expandGrid(experiment.document, modelAxes)) {
    const spec = "value" in sections.model ? sections.model.value.initialWeights : undefined;
    if (spec === undefined || found.has(weightsKeyOf(spec))) continue;
    found.set(weightsKeyOf(spec), { spec, path: locateSwept(weightsPath(spec), modelAxes, digits) });
  }
  return [...found.values()];
}

/** Two specs with the same key name the same weights: which layers take them is another matter. */
function weightsKeyOf(spec: InitialWeights): string {
  return canonicalJson("file" in spec ? { file: spec.file } : { trial: spec.trial });
}

const datasetPath: DocumentPath = ["data", "dataset"];

/** Where a field of a configuration is written: at the swept value that contains it or changes it, or at its own path. */
function locateSwept(path: DocumentPath, axes: readonly SweepAxis[], digits: readonly number[]): DocumentPath {
  const index = axes.findIndex((axis) =>
    path.every((part, depth) => depth >= axis.path.length || axis.path[depth] === part),
  );
  const axis = axes[index];
  if (!axis) return path;
  return ["sweep", "grid", axis.text, digits[index] ?? 0, ...path.slice(axis.path.length)];
}

function createLookup(datasets: readonly KnownDataset[]): (spec: Data["dataset"]) => PlannedDataset {
  // A manifest knows more than a plan needs: only what is planned with may enter the plan.
  const known = new Map(datasets.map(({ spec, dataset }) => [canonicalJson(spec), pickPlanned(dataset)]));
  return (spec) => {
    const dataset = known.get(canonicalJson(spec));
    if (!dataset) throw new RangeError(`the data set ${canonicalJson(spec)} is not among those given to the plan`);
    return dataset;
  };
}

function createWeightsLookup(weights: readonly KnownWeights[]): (spec: InitialWeights) => WeightsFacts {
  const known = new Map(weights.map(({ spec, weights }) => [weightsKeyOf(spec), weights]));
  return (spec) => {
    const facts = known.get(weightsKeyOf(spec));
    if (!facts) throw new RangeError(`the weights ${weightsKeyOf(spec)} are not among those given to the plan`);
    return facts;
  };
}

function pickPlanned(dataset: PlannedDataset): PlannedDataset {
  const { name, sha256, imageShape, classCount, classNames, trainExamples, testExamples } = dataset;
  return { name, sha256, imageShape, classCount, classNames, trainExamples, testExamples };
}

function checkTrialCount(axes: readonly SweepAxis[], seeds: readonly number[]): ExperimentIssue | undefined {
  const configurationCount = axes.reduce((product, axis) => product * axis.values.length, 1);
  const count = configurationCount * seeds.length;
  if (count <= maxTrialCount) return undefined;
  const sizes = axes.map((axis) => axis.values.length).join(" × ");
  return {
    code: "too-many-trials",
    path: ["sweep"],
    message: `the sweep has ${formatCount(count)} trials (${sizes} configurations × ${seeds.length} seeds); at most ${formatCount(maxTrialCount)} are possible`,
    fix: "sweep fewer fields, values or seeds",
  };
}

function valuesAt(axes: readonly SweepAxis[], digits: readonly number[]): PlannedConfiguration["values"] {
  return Object.fromEntries(axes.map((axis, index) => [axis.text, axis.labels[digits[index] ?? 0] ?? null]));
}

function assemblePlan({ spec }: Experiment, code: CodeIdentity, content: PlanContent): Plan {
  return {
    schemaVersion: 1,
    planId: planIdOf(content.trials),
    experiment: spec.name,
    ...(spec.description !== undefined && { description: spec.description }),
    code: { packageVersion: code.packageVersion, resultsVersion: code.resultsVersion },
    ...content,
    resources: spec.resources,
  };
}
