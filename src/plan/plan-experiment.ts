import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import type { Experiment } from "../spec/parse-experiment.ts";
import type { Data } from "../spec/schema/data.ts";
import type { SectionName } from "../spec/parse-section.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";
import { representativeSample } from "../spec/sweep/read-draws.ts";
import { readSweep } from "../spec/sweep/read-sweep.ts";
import { sweepPoints } from "../spec/sweep/sweep-points.ts";
import type { SweepPoint } from "../spec/sweep/sweep-space.ts";
import { overlap } from "../spec/sweep/swept-path.ts";
import { canonicalJson } from "./canonical-json.ts";
import { createConfigurationChecker, type PlannedEngine } from "./check-configuration.ts";
import { checkMaxTrials, checkSweepSize } from "./check-sweep-size.ts";
import { drawSweep } from "./draw-sweep.ts";
import { createContentKey, expandSweep } from "./expand-sweep.ts";
import { type KnownWeights, type WeightsFacts, weightsPath } from "./initial-weights.ts";
import type { CodeIdentity, Plan, PlannedDataset } from "./plan.ts";
import { createPlanTables, type PlanContent } from "./plan-tables.ts";
import { createSweepIssues } from "./sweep-issues.ts";
import { labelSweep } from "./sweep-labels.ts";
import { planIdOf } from "./trial-id.ts";

/** A data set as the experiment names it, with what is known about it. */
export interface KnownDataset {
  readonly spec: Data["dataset"];
  readonly dataset: PlannedDataset;
}

/**
 * Works out everything that will be run. Pure: the same inputs give the same plan, to the byte.
 * @param datasets one for each entry of `listDatasets`
 * @param weights one for each entry of `listInitialWeights`
 * @param engine what trials will run on; absent = it is not known, and no engine's limits are checked
 * @returns the plan, or everything that is wrong with any configuration of the sweep; issues have no positions yet
 */
export function planExperiment(
  experiment: Experiment,
  datasets: readonly KnownDataset[],
  code: CodeIdentity,
  weights: readonly KnownWeights[] = [],
  engine?: PlannedEngine,
): { readonly plan: Plan } | { readonly issues: readonly ExperimentIssue[] } {
  const { document, spec } = experiment;
  const sweep = readSweep(document, drawSweep);
  const seeds = [...new Set(spec.sweep.seeds)];
  const size = checkSweepSize(sweep, document, seeds.length);
  if (!size.isExpandable) return { issues: [...sweep.issues, ...size.issues] };

  const check = createConfigurationChecker(
    { datasetOf: createLookup(datasets), weightsOf: createWeightsLookup(weights) },
    spec.resources,
    engine,
  );
  const labels = labelSweep(sweep.axes);
  const found = createSweepIssues(labels);
  const tables = createPlanTables(seeds, code.resultsVersion);
  for (const { point, sections } of expandSweep(document, sweepPoints(sweep.space, document))) {
    const { configuration, results } = check(sections);
    if (configuration) tables.add(configuration, labels.valuesAt(point));
    found.add(results, point);
  }

  const { trials, configurations } = tables.content;
  const tooMany = checkMaxTrials(trials.length, configurations.length, spec.sweep.maxTrials);
  const issues = [...sweep.issues, ...size.issues, ...found.list(), ...tooMany];
  return issues.length > 0 ? { issues } : { plan: assemblePlan(experiment, code, tables.content) };
}

/**
 * The data sets that any configuration of an experiment uses, each once.
 * @returns the data sets as named in the experiment, and where the first mention stands
 */
export function listDatasets(
  experiment: Experiment,
): readonly { readonly spec: Data["dataset"]; readonly path: DocumentPath }[] {
  const points = pointsOf("data", experiment);
  if (points === undefined) return [{ spec: experiment.spec.data.dataset, path: datasetPath }];
  const found = new Map<string, { readonly spec: Data["dataset"]; readonly path: DocumentPath }>();
  for (const { point, sections } of expandSweep(experiment.document, points)) {
    if (!("value" in sections.data)) continue;
    const { dataset } = sections.data.value;
    const key = canonicalJson(dataset);
    if (!found.has(key)) found.set(key, { spec: dataset, path: locateSwept(datasetPath, point) });
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
  const found = new Map<string, { readonly spec: InitialWeights; readonly path: DocumentPath }>();
  for (const { point, sections } of expandSweep(experiment.document, pointsOf("model", experiment) ?? [])) {
    const spec = "value" in sections.model ? sections.model.value.initialWeights : undefined;
    if (spec === undefined || found.has(weightsKeyOf(spec))) continue;
    found.set(weightsKeyOf(spec), { spec, path: locateSwept(weightsPath(spec), point) });
  }
  return [...found.values()];
}

/** Two specs with the same key name the same weights: which layers take them is another matter. */
function weightsKeyOf(spec: InitialWeights): string {
  return canonicalJson("file" in spec ? { file: spec.file } : { trial: spec.trial });
}

/** What is wrong with the paths of a sweep: as much as can be told without the data sets. */
export function checkSweptPaths({ document }: Experiment): readonly ExperimentIssue[] {
  return readSweep(document, representativeSample).issues;
}

const datasetPath: DocumentPath = ["data", "dataset"];

/**
 * What is swept in a section, each combination of values once.
 * @returns undefined if the sweep is too large to be expanded
 */
function pointsOf(section: SectionName, { document }: Experiment): Iterable<SweepPoint> | undefined {
  if (readSweep(document, representativeSample).axes.every((axis) => axis.section !== section)) return [[]];
  const sweep = readSweep(document, drawSweep);
  if (!checkSweepSize(sweep, document, 1).isExpandable) return undefined;
  return restrictPoints(sweepPoints(sweep.space, document), section);
}

function* restrictPoints(points: Iterable<SweepPoint>, section: SectionName): Generator<SweepPoint> {
  const keyOf = createContentKey(section);
  const seen = new Set<string>();
  for (const point of points) {
    const key = keyOf(point);
    if (!seen.has(key)) yield point.filter(({ axis }) => axis.section === section);
    seen.add(key);
  }
}

/** Where a field of a configuration is written: at the swept value that contains it or changes it, or at its own path. */
function locateSwept(path: DocumentPath, point: SweepPoint): DocumentPath {
  const choice = point.find(({ axis }) => overlap(axis.path, path));
  if (!choice) return path;
  return choice.axis.isDrawn ? choice.place : [...choice.place, ...path.slice(choice.axis.path.length)];
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
  const { classCounts, validationExamples, storedBytes, mixedSizes } = dataset;
  return {
    name,
    sha256,
    imageShape,
    classCount,
    classNames,
    trainExamples,
    testExamples,
    ...(classCounts && { classCounts }),
    ...(validationExamples !== undefined && { validationExamples }),
    ...(storedBytes !== undefined && { storedBytes }),
    ...(mixedSizes && { mixedSizes }),
  };
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
    ...(spec.run && { run: spec.run }),
    ...(spec.schedule && { schedule: spec.schedule }),
    ...(spec.benchmark && { benchmark: spec.benchmark }),
  };
}
