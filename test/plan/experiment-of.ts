import type { CodeIdentity, Plan, PlannedDataset } from "../../src/plan/plan.ts";
import { listDatasets, planExperiment } from "../../src/plan/plan-experiment.ts";
import { type ExperimentIssue, formatPath } from "../../src/spec/issue.ts";
import { type Experiment, parseExperiment } from "../../src/spec/parse-experiment.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { parseSweepPath, setAtPath } from "../../src/spec/sweep-path.ts";

/** What is known about MNIST, with a made-up hash. */
export const mnist: PlannedDataset = {
  name: "mnist",
  sha256: "a".repeat(64),
  imageShape: [28, 28, 1],
  classCount: 10,
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  trainExamples: 60_000,
  testExamples: 10_000,
};

export const code: CodeIdentity = { packageVersion: "0.1.0", resultsVersion: 1 };

/** A small experiment that is right: 54,000 examples to learn from, batches of 500, 3 epochs of 108 steps. */
const rightDocument: YamlValue = {
  name: "sample",
  data: { dataset: "mnist", validation: { fraction: 0.1 } },
  model: {
    layers: [
      { conv2d: { filters: 8, kernelSize: 3, activation: "relu" } },
      { maxPooling2d: {} },
      "flatten",
      { dense: { units: 10, activation: "softmax" } },
    ],
  },
  training: { epochs: 3, batchSize: 500, optimizer: { type: "adam", learningRate: 0.001 } },
};

/** The sample experiment with some fields changed, by path; through the same door as a file. */
export function experimentOf(changes: Readonly<Record<string, YamlValue>> = {}): Experiment {
  const parsed = parseExperiment(JSON.stringify(change(rightDocument, changes)), "sample.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues, null, 2));
  return parsed.experiment;
}

function change(document: YamlValue, changes: Readonly<Record<string, YamlValue>>): YamlValue {
  return Object.entries(changes).reduce((current, [text, value]) => {
    const parsed = parseSweepPath(text);
    if ("problem" in parsed) throw new Error(`${text}: ${parsed.problem}`);
    const changed = setAtPath(current, parsed.path, value);
    if ("problem" in changed) throw new Error(`${text}: ${changed.problem}`);
    return changed.document;
  }, document);
}

/** Plans an experiment, every data set of which is MNIST unless others are given by folder. */
export function plan(experiment: Experiment, identity: CodeIdentity = code, dataset: PlannedDataset = mnist) {
  const datasets = listDatasets(experiment).map(({ spec }) => ({ spec, dataset }));
  return planExperiment(experiment, datasets, identity);
}

/** The plan of the sample experiment with changes. */
export function planOf(changes: Readonly<Record<string, YamlValue>> = {}, dataset: PlannedDataset = mnist): Plan {
  const result = plan(experimentOf(changes), code, dataset);
  if ("issues" in result) throw new Error(JSON.stringify(result.issues, null, 2));
  return result.plan;
}

/** What is wrong with the sample experiment with changes. */
export function issuesOf(
  changes: Readonly<Record<string, YamlValue>>,
  dataset: PlannedDataset = mnist,
): readonly ExperimentIssue[] {
  const result = plan(experimentOf(changes), code, dataset);
  return "issues" in result ? result.issues : [];
}

/** The same as lines `code path`. */
export function problemsOf(changes: Readonly<Record<string, YamlValue>>, dataset: PlannedDataset = mnist): string[] {
  return issuesOf(changes, dataset).map((issue) => `${issue.code} ${formatPath(issue.path)}`);
}
