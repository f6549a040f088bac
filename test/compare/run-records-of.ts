import type { ConfigurationId, Plan, PlannedData, TrialId } from "../../src/plan/plan.ts";
import type { RunRecords, TrialRecord } from "../../src/record/run-records.ts";
import type {
  ConfusionDocument,
  EnvironmentDocument,
  EpochMetrics,
  LossAndAccuracy,
  TestFigures,
  TrialResult,
} from "../../src/record/trial-record.ts";
import { classFigures } from "../../src/metrics/class-figures.ts";
import { trainingSchema } from "../../src/spec/schema/training.ts";

/** One seed of an invented configuration: figures mean finished; test loss is 1 − accuracy unless given. */
interface SeedOutline {
  readonly state?: "started" | "pending" | { readonly failed: string };
  readonly test?: number;
  readonly testLoss?: number;
  readonly testFigures?: Partial<TestFigures>;
  readonly validation?: number;
  readonly validationLoss?: number;
  readonly confusion?: readonly (readonly number[])[];
  readonly curve?: readonly number[];
  readonly environment?: Partial<EnvironmentDocument>;
  readonly cachedFrom?: string;
}

/** An invented configuration; seeds are numbered from 1. */
export interface ConfigurationOutline {
  /** Twenty digits are made of it by repeating it. Default: the number of the configuration. */
  readonly id?: string;
  readonly values?: Plan["configurations"][number]["values"];
  readonly data?: Partial<PlannedData>;
  readonly seeds: readonly SeedOutline[];
}

/** Records of a run of invented configurations; trial ids are the configuration's id with the seed in front. */
export function runRecordsOf(outlines: readonly ConfigurationOutline[]): RunRecords {
  const trials = outlines.flatMap((outline, index) =>
    outline.seeds.map((seed, seedIndex) => recordOf(index, idOf(outline, index), seedIndex + 1, seed)),
  );
  return {
    runId: "20260101-000000-abcdef",
    experiment: "invented",
    plan: planOf(
      outlines,
      trials.map(({ trial }) => trial),
    ),
    trials,
  };
}

/** A configuration's id as the records have it: its outline repeated to twenty digits. */
export function configurationIdOf(outline: string): ConfigurationId {
  const id = outline.repeat(20).slice(0, 20);
  if (isConfigurationId(id)) return id;
  throw new Error(`${outline} is not hexadecimal`);
}

/** The id of a seed's trial: the seed in three digits, then its configuration's id. */
export function trialIdOf(outline: string, seed: number): TrialId {
  const id = `${seed.toString(16).padStart(3, "0")}${configurationIdOf(outline)}`.slice(0, 20);
  if (isTrialId(id)) return id;
  throw new Error(`${outline} is not hexadecimal`);
}

function isConfigurationId(id: string): id is ConfigurationId {
  return /^[0-9a-f]{20}$/.test(id);
}

function isTrialId(id: string): id is TrialId {
  return /^[0-9a-f]{20}$/.test(id);
}

function idOf({ id }: ConfigurationOutline, index: number): string {
  return id ?? (index + 1).toString(16).padStart(5, "0");
}

function planOf(outlines: readonly ConfigurationOutline[], trials: Plan["trials"]): Plan {
  return {
    schemaVersion: 1,
    planId: "invented-plan",
    experiment: "invented",
    code: { packageVersion: "0.0.0", resultsVersion: 1 },
    data: outlines.map(({ data }) => ({ ...plannedData, ...data })),
    models: [{ inputShape: [28, 28, 1], layers: [], parameterCount: 7850, multiplyAdds: 7840 }],
    trainings: [trainingSchema.parse({ epochs: 2 })],
    evaluations: [{ test: "end", batchSize: 500 }],
    configurations: outlines.map((outline, index) => ({
      id: configurationIdOf(idOf(outline, index)),
      values: outline.values ?? {},
      data: index,
      model: 0,
      training: 0,
      evaluation: 0,
      estimate: { stepsPerEpoch: 1, epochCount: 2, stepCount: 2, memoryBytes: 1, trainingMultiplyAdds: 1 },
    })),
    trials,
    resources: {},
  };
}

const plannedData: PlannedData = {
  spec: { dataset: "mnist", subset: {} },
  dataset: {
    name: "mnist",
    sha256: "aa",
    imageShape: [28, 28, 1],
    classCount: 2,
    classNames: ["cat", "dog"],
    trainExamples: 100,
    testExamples: 50,
  },
  trainCount: 80,
  validationCount: 20,
  testCount: 50,
};

const environment: EnvironmentDocument = {
  schemaVersion: 1,
  engine: "wasm",
  engineVersion: "4.22.0",
  packageVersion: "0.0.0",
  node: "v20",
  platform: "linux",
  cpu: "invented",
  threads: 1,
  hostname: "here",
  attempt: 1,
  startedAt: "2026-01-01T00:00:00Z",
  finishedAt: "2026-01-01T00:00:10Z",
  seconds: 10,
  peakMemoryBytes: 1,
};

function recordOf(configuration: number, outlineId: string, seed: number, outline: SeedOutline): TrialRecord {
  const id = trialIdOf(outlineId, seed);
  const state = stateOf(id, outline);
  return {
    trial: { id, configuration, seed },
    key: `experiments/invented/runs/r/trials/${id}`,
    state,
    metrics: (outline.curve ?? []).map((loss, index) => epochMetrics(index + 1, loss)),
    timings: [],
    ...(state.type === "finished" ? { environment: { ...environment, ...outline.environment } } : {}),
    ...(outline.confusion === undefined ? {} : { confusion: confusionDocument(outline.confusion) }),
    ...(outline.cachedFrom === undefined ? {} : { cachedFrom: outline.cachedFrom }),
  };
}

function stateOf(trialId: TrialId, { state, ...figures }: SeedOutline): TrialRecord["state"] {
  if (state === undefined) return { type: "finished", result: resultOf(trialId, figures) };
  if (state === "started" || state === "pending") return { type: state };
  return {
    type: "failed",
    failure: { schemaVersion: 1, trialId, attempt: 1, kind: "diverged", reason: state.failed },
  };
}

function resultOf(
  trialId: TrialId,
  { test = 0.5, testLoss, testFigures, validation, validationLoss }: SeedOutline,
): TrialResult {
  return {
    schemaVersion: 1,
    trialId,
    epochs: 2,
    steps: 2,
    parameterCount: 7850,
    testedEpoch: 2,
    train: { loss: 0.1, accuracy: 0.99 },
    ...(validation === undefined ? {} : { validation: lossAndAccuracy(validation, validationLoss) }),
    test: { ...lossAndAccuracy(test, testLoss), macroF1: test, ...testFigures },
    files: {},
  };
}

function lossAndAccuracy(accuracy: number, loss = 1 - accuracy): LossAndAccuracy {
  return { loss, accuracy };
}

function epochMetrics(epoch: number, loss: number): EpochMetrics {
  return { kind: "epoch", epoch, step: epoch, learningRate: 0.001, loss, accuracy: 1 - loss };
}

function confusionDocument(counts: readonly (readonly number[])[]): ConfusionDocument {
  return { schemaVersion: 1, classNames: ["cat", "dog"], counts, classes: classFigures(counts) };
}
