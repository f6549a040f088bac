import type { PlannedData } from "../plan/plan.ts";
import type { Provenance } from "../record/provenance.ts";
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
    ...[...(records.provenances ?? [])].map(([id, provenance], index, { length }) => ({
      title: length === 1 ? "Trained by" : `Trained by (${index + 1} of ${length})`,
      facts: originFacts(id, provenance),
    })),
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
    { label: "To reproduce a trial", value: `nightsweep reproduce ${experiment} best --run ${runId}` },
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
    ...machineFacts(environments),
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

/** What records of older versions don't have. */
function machineFacts(environments: readonly EnvironmentDocument[]): Fact[] {
  const known = environments.flatMap(({ machine, imageDigest }) => (machine ? [{ ...machine, imageDigest }] : []));
  const fact = (label: string, values: readonly (string | undefined)[]): Fact[] => {
    const value = distinct(values.filter((text) => text !== undefined)).join(", ");
    return value === "" ? [] : [{ label, value }];
  };
  return [
    ...fact(
      "Operating system",
      known.map(({ os }) => os),
    ),
    ...fact(
      "Memory",
      known.map(({ memoryBytes }) => mebibytes(memoryBytes)),
    ),
    ...fact(
      "Graphics processor",
      known.map(({ gpus }) => gpus?.join(" + ")),
    ),
    ...fact(
      "Its driver",
      known.map(({ gpuDriver }) => gpuDriver),
    ),
    ...fact(
      "Container image",
      known.map(({ imageDigest }) => imageDigest),
    ),
  ];
}

/** Where trials come from that were trained by one command. */
function originFacts(id: string, provenance: Provenance): Fact[] {
  const { command, workingFolder, experimentFile, project, lockFile, libraries, runtime, prices, nightsweep } =
    provenance;
  const versions = (parts: Readonly<Record<string, string>>): string =>
    Object.entries(parts)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
  return [
    { label: "Command", value: command.map(quoteWord).join(" ") },
    { label: "In the folder", value: workingFolder },
    { label: "Experiment file", value: `${experimentFile.name}, SHA-256 ${experimentFile.sha256}` },
    ...(project === undefined ? [] : projectFacts(project)),
    ...(lockFile === undefined ? [] : [{ label: "Lock file", value: `${lockFile.name}, SHA-256 ${lockFile.sha256}` }]),
    ...(nightsweep.commit === undefined ? [] : [{ label: "nightsweep's commit", value: nightsweep.commit }]),
    { label: "Libraries", value: versions(libraries) },
    { label: "Runtime", value: versions(runtime) },
    ...(prices === undefined ? [] : [{ label: "Prices of", value: `${prices.dated}, SHA-256 ${prices.sha256}` }]),
    { label: "Record", value: `provenance/${id}.json` },
  ];
}

function projectFacts({ commit, origin, isDirty, patch }: NonNullable<Provenance["project"]>): Fact[] {
  const kept = patch !== undefined && "sha256" in patch ? `provenance/${patch.sha256}.patch` : undefined;
  const omitted = patch !== undefined && "omitted" in patch ? `not kept: ${patch.omitted}` : undefined;
  return [
    { label: "Project's commit", value: origin === undefined ? commit : `${commit} of ${origin}` },
    { label: "Changes since", value: isDirty ? (kept ?? omitted ?? "yes") : "none in tracked files" },
  ];
}

/** A word of a command line as a shell takes it. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** `2026-11-22T03:10:00.000Z` as `2026-11-22 03:10:00 UTC`. */
function readableTime(iso = ""): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
