import type { PlannedData } from "../plan/plan.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { EnvironmentDocument } from "../record/trial-record.ts";
import { duration, grouped, mebibytes } from "./number-formats.ts";
import type { Fact, FactGroup } from "./report-data.ts";

/** What a run's figures were made from: plan, data, architectures and machines. */
export function collectProvenance(records: RunRecords): FactGroup[] {
  const environments = records.trials.flatMap(({ environment }) => (environment ? [environment] : []));
  return [
    { title: "Run", facts: runFacts(records) },
    ...records.plan.data.map(({ spec, dataset, trainCount, validationCount, testCount }) => ({
      title: `Data: ${dataset.name}`,
      facts: [
        { label: "SHA-256", value: dataset.sha256 },
        { label: "Images", value: dataset.imageShape.join(" × ") },
        { label: "Classes", value: grouped(dataset.classCount) },
        { label: "Training examples", value: grouped(trainCount) },
        { label: "Validation examples", value: grouped(validationCount) },
        { label: "Test examples", value: grouped(testCount) },
        ...choiceFacts(spec),
      ],
    })),
    ...(environments.length > 0 ? [{ title: "Computed by", facts: environmentFacts(environments) }] : []),
  ];
}

/** How examples were chosen and prepared, where that is not the default; in the words of the experiment. */
function choiceFacts({ subset, validation, scale, preprocess, augment }: PlannedData["spec"]): Fact[] {
  const choices: readonly (readonly [label: string, choice: unknown])[] = [
    ["Training subset", subset.train],
    ["Test subset", subset.test],
    ["Validation part", validation],
    ["Scale", scale],
    ["Preprocessing", preprocess],
    ["Augmentation", augment],
  ];
  return choices.flatMap(([label, choice]) => {
    const text = JSON.stringify(choice)
      ?.replaceAll('"', "")
      .replaceAll(/([:,])/g, "$1 ");
    return text === undefined ? [] : [{ label, value: text }];
  });
}

function runFacts({ runId, experiment, plan, trials }: RunRecords): Fact[] {
  const cachedFrom = distinct(trials.flatMap(({ cachedFrom }) => (cachedFrom === undefined ? [] : [cachedFrom])));
  return [
    { label: "Experiment", value: experiment },
    { label: "Run", value: runId },
    { label: "Plan", value: plan.planId },
    { label: "nightsweep", value: `${plan.code.packageVersion}, results version ${plan.code.resultsVersion}` },
    ...(cachedFrom.length > 0 ? [{ label: "Trials taken over from", value: cachedFrom.join(", ") }] : []),
  ];
}

function environmentFacts(environments: readonly EnvironmentDocument[]): Fact[] {
  const list = (read: (environment: EnvironmentDocument) => string): string =>
    distinct(environments.map(read)).join(", ");
  const times = environments.flatMap(({ startedAt, finishedAt }) => [startedAt, finishedAt]).sort();
  return [
    { label: "Engine", value: list(({ engine, engineVersion }) => `${engine} ${engineVersion}`) },
    { label: "Threads a trial", value: list(({ threads }) => String(threads)) },
    { label: "nightsweep", value: list(({ packageVersion }) => packageVersion) },
    { label: "Node.js", value: list(({ node }) => node) },
    { label: "Platform", value: list(({ platform }) => platform) },
    { label: "Processor", value: list(({ cpu }) => cpu) },
    { label: "Host", value: list(({ hostname }) => hostname) },
    { label: "From", value: readableTime(times[0]) },
    { label: "To", value: readableTime(times.at(-1)) },
    {
      label: "Training time, all trials",
      value: duration(environments.reduce((sum, { seconds }) => sum + seconds, 0)),
    },
    {
      label: "Peak memory of a worker",
      value: mebibytes(Math.max(...environments.map(({ peakMemoryBytes }) => peakMemoryBytes))),
    },
  ];
}

/** `2026-11-22T03:10:00.000Z` as `2026-11-22 03:10:00 UTC`. */
function readableTime(iso = ""): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
