import { objectKeys } from "../../src/contract/object-keys.ts";
import type { ConfigurationId, Plan, PlannedTrial, TrialId } from "../../src/plan/plan.ts";
import { createRun } from "../../src/record/run-store.ts";
import type { Store } from "../../src/record/store.ts";
import type {
  EnvironmentDocument,
  EpochMetrics,
  EpochTiming,
  FailureDocument,
  TrialDocument,
} from "../../src/record/trial-record.ts";
import { TrialWriter, type TrialOutcome } from "../../src/record/trial-writer.ts";

function isTrialId(text: string): text is TrialId {
  return text !== "";
}

function isConfigurationId(text: string): text is ConfigurationId {
  return text !== "";
}

/** The id of the plan's `index`th trial. */
export function trialId(index: number): TrialId {
  const id = index.toString(16).padStart(20, "0");
  if (!isTrialId(id)) throw new Error("unreachable");
  return id;
}

function configurationId(index: number): ConfigurationId {
  const id = `c${index.toString(16).padStart(19, "0")}`;
  if (!isConfigurationId(id)) throw new Error("unreachable");
  return id;
}

/** A plan of `trialCount` trials, each a configuration of its own over the same sections. */
export function samplePlan(trialCount: number, changes: Partial<Plan> = {}): Plan {
  const indexes = Array.from({ length: trialCount }, (_, index) => index);
  const estimate = { stepsPerEpoch: 10, epochCount: 1, stepCount: 10, memoryBytes: 1e6, trainingMultiplyAdds: 1e6 };
  return {
    schemaVersion: 1,
    planId: `plan-${trialCount}`,
    experiment: "sample",
    code: { packageVersion: "0.1.0", resultsVersion: 1 },
    data: [
      {
        spec: { dataset: "mnist", subset: {} },
        dataset: {
          name: "mnist",
          sha256: "00",
          imageShape: [28, 28, 1],
          classCount: 2,
          classNames: ["0", "1"],
          trainExamples: 60_000,
          testExamples: 10_000,
        },
        trainCount: 320,
        validationCount: 0,
        testCount: 100,
      },
    ],
    models: [{ inputShape: [28, 28, 1], layers: [], parameterCount: 0, multiplyAdds: 0 }],
    trainings: [
      {
        epochs: 1,
        batchSize: 32,
        optimizer: { type: "sgd", learningRate: 0.01, momentum: 0, nesterov: false },
        loss: { type: "sparseCategoricalCrossentropy", fromLogits: false },
        learningRateSchedule: { type: "constant" },
        shuffle: true,
        checkpoint: { everyEpochs: 1, keep: 1 },
      },
    ],
    evaluations: [{ test: "end", batchSize: 500 }],
    configurations: indexes.map((index) => ({
      id: configurationId(index),
      values: { "training.optimizer.learningRate": index },
      data: 0,
      model: 0,
      training: 0,
      evaluation: 0,
      estimate,
    })),
    trials: indexes.map((index): PlannedTrial => ({ id: trialId(index), configuration: index, seed: 1 })),
    resources: {},
    ...changes,
  };
}

/** Makes a run whose id begins with the hour of the day, so that later hours are newer runs. */
export async function startRun(
  store: Store,
  plan: Plan,
  { hour = 10, ignoresLedger }: { readonly hour?: number; readonly ignoresLedger?: boolean } = {},
): Promise<string> {
  const run = await createRun(store, {
    plan,
    experimentFile: "/home/me/sample.yaml",
    now: () => new Date(Date.UTC(2026, 10, 22, hour)),
    randomBytes: (count) => new Uint8Array(count),
    ...(ignoresLedger === undefined ? {} : { ignoresLedger }),
  });
  return run.runId;
}

/** Key of a trial's record. */
export function trialKey(runId: string, index: number): string {
  return objectKeys.trial(objectKeys.run("sample", runId), trialId(index));
}

export function trialDocument(plan: Plan, runId: string, index: number): TrialDocument {
  const [data, model, training, evaluation] = [plan.data[0], plan.models[0], plan.trainings[0], plan.evaluations[0]];
  if (!data || !model || !training || !evaluation) throw new Error("the sample plan has one of each section");
  return {
    schemaVersion: 1,
    runId,
    id: trialId(index),
    seed: 1,
    configurationId: configurationId(index),
    values: {},
    data,
    model,
    training,
    evaluation,
  };
}

export const epochMetrics: EpochMetrics = {
  kind: "epoch",
  epoch: 1,
  step: 10,
  learningRate: 0.01,
  loss: 0.5,
  accuracy: 0.8,
  validation: { loss: 0.6, accuracy: 0.75 },
};

export const epochTiming: EpochTiming = { epoch: 1, attempt: 1, seconds: 2, examplesPerSecond: 160 };

export const outcome: TrialOutcome = {
  epochs: 1,
  steps: 10,
  parameterCount: 0,
  testedEpoch: 1,
  train: { loss: 0.5, accuracy: 0.8 },
  test: { loss: 0.7, accuracy: 0.7, macroF1: 0.69 },
};

export const environmentDocument: EnvironmentDocument = {
  schemaVersion: 1,
  engine: "wasm",
  engineVersion: "4.22.0",
  packageVersion: "0.1.0",
  node: "20.19.0",
  platform: "linux x64",
  cpu: "some",
  threads: 1,
  hostname: "here",
  attempt: 1,
  startedAt: "2026-11-22T10:00:00.000Z",
  finishedAt: "2026-11-22T10:00:02.000Z",
  seconds: 2,
  peakMemoryBytes: 1e8,
};

export function failureDocument(index: number, reason = "the loss became NaN at step 7"): FailureDocument {
  return { schemaVersion: 1, trialId: trialId(index), attempt: 1, kind: "diverged", reason };
}

/** A writer of a trial that has begun. */
export async function beginTrial(store: Store, plan: Plan, runId: string, index: number): Promise<TrialWriter> {
  const writer = new TrialWriter(store, { experiment: plan.experiment, runId, trialId: trialId(index) });
  await writer.begin(trialDocument(plan, runId, index));
  return writer;
}

/** Records a trial from its beginning to its result. */
export async function finishTrial(store: Store, plan: Plan, runId: string, index: number): Promise<void> {
  const writer = await beginTrial(store, plan, runId, index);
  await writer.writeMetrics([epochMetrics]);
  await writer.writeTimings([epochTiming]);
  await writer.writeConfusion({ schemaVersion: 1, classNames: ["0", "1"], counts: [[1, 2], [3, 4]], classes: [] }); // biome-ignore format: a matrix
  await writer.writeEnvironment(environmentDocument);
  await writer.finish(outcome);
}
