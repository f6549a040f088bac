import { classFigures, macroAverage } from "../../src/metrics/class-figures.ts";
import type { ConfigurationId, Plan, PlannedConfiguration, PlannedTrial, TrialId } from "../../src/plan/plan.ts";
import { randomStream } from "../../src/plan/random.ts";
import type { RunRecords, TrialRecord } from "../../src/record/run-records.ts";
import type {
  ConfusionDocument,
  EnvironmentDocument,
  EpochMetrics,
  MetricsLine,
} from "../../src/record/trial-record.ts";
import { dataSchema } from "../../src/spec/schema/data.ts";
import { evaluationSchema } from "../../src/spec/schema/experiment.ts";
import { trainingSchema } from "../../src/spec/schema/training.ts";

/** What tests vary about the sample run. */
export interface SampleOptions {
  readonly experiment?: string;
  readonly description?: string;
  readonly classNames?: readonly string[];
  readonly modelNames?: readonly [string, string];
  readonly seeds?: readonly number[];
  /** 1 to 4; default: all. */
  readonly configurationCount?: number;
  /** Whether the last trial failed; default: yes. */
  readonly hasFailure?: boolean;
  readonly failureReason?: string;
  readonly examplesPerClass?: number;
  /** Whether finished trials also have a line for each twentieth step, whose loss is 2 − step / 1000. */
  readonly hasStepLog?: boolean;
  /** How many times the configurations stand in the plan, each with another dropout rate; default: once. */
  readonly copies?: number;
}

const epochCount = 5;
const learningRates = [0.001, 0.01];
const digits = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * A run as it might be recorded: 2 architectures × 2 learning rates × 3 seeds, 5 epochs, 10 classes. The last trial
 * diverged. The numbers are drawn from a seeded generator.
 */
export function sampleRecords(options: SampleOptions = {}): RunRecords {
  const plan = samplePlan(options);
  const trials = plan.trials.map((trial, index) =>
    index === plan.trials.length - 1 && options.hasFailure !== false
      ? failedTrial(trial, options.failureReason ?? "The loss is NaN at step 412 (learning rate 0.01).")
      : finishedTrial(plan, trial, options),
  );
  return { runId: "20261122-031500-4f2a", experiment: plan.experiment, plan, trials };
}

function samplePlan(options: SampleOptions): Plan {
  const { experiment, description, classNames, modelNames, seeds, examplesPerClass } = options;
  const names = classNames ?? digits;
  const [first, second] = modelNames ?? ["lenet5", "mlp"];
  const chosen = sampleConfigurations([first, second]).slice(0, options.configurationCount ?? 4);
  const configurations = options.copies === undefined ? chosen : copiesOf(chosen, options.copies);
  return {
    schemaVersion: 1,
    planId: "9d3c5a7be01f44e2ab10",
    experiment: experiment ?? "mnist-two-models",
    description: description ?? "LeNet-5 against a multi-layer perceptron on MNIST, at two learning rates.",
    code: { packageVersion: "0.1.0", resultsVersion: 1 },
    data: [
      {
        spec: dataSchema.parse({ dataset: "mnist", validation: { fraction: 0.2 } }),
        dataset: {
          name: "mnist",
          sha256: "5f2b0d1c9a7e".padEnd(64, "3"),
          imageShape: [28, 28, 1],
          classCount: names.length,
          classNames: names,
          trainExamples: 60_000,
          testExamples: (examplesPerClass ?? 1000) * names.length,
        },
        trainCount: 48_000,
        validationCount: 12_000,
        testCount: (examplesPerClass ?? 1000) * names.length,
      },
    ],
    models: [
      { name: first, inputShape: [28, 28, 1], layers: [], parameterCount: 44_426, multiplyAdds: 281_640 },
      { name: second, inputShape: [28, 28, 1], layers: [], parameterCount: 242_762, multiplyAdds: 242_304 },
    ],
    trainings: learningRates.map((learningRate) =>
      trainingSchema.parse({ epochs: epochCount, batchSize: 64, optimizer: { type: "adam", learningRate } }),
    ),
    evaluations: [evaluationSchema.parse({})],
    configurations,
    trials: configurations.flatMap((_, configuration) =>
      (seeds ?? [1, 2, 3]).map((seed) => ({
        id: trialId(`${configuration}${seed}a7c3e5f9b1d2468`.padEnd(20, "e").slice(0, 20)),
        configuration,
        seed,
      })),
    ),
    resources: {},
  };
}

function sampleConfigurations(models: readonly string[]): PlannedConfiguration[] {
  return models.flatMap((model, modelIndex) =>
    learningRates.map((learningRate, rateIndex) => ({
      id: configurationId(`c0nf${modelIndex}${rateIndex}`.padEnd(20, "0")),
      values: { model, "training.optimizer.learningRate": learningRate },
      data: 0,
      model: modelIndex,
      training: rateIndex,
      evaluation: 0,
      estimate: {
        stepsPerEpoch: 750,
        epochCount,
        stepCount: 750 * epochCount,
        memoryBytes: 2e8,
        trainingMultiplyAdds: 1e12,
      },
    })),
  );
}

function copiesOf(configurations: readonly PlannedConfiguration[], copies: number): PlannedConfiguration[] {
  return Array.from({ length: copies }, (_, copy) =>
    configurations.map(({ id, values, ...rest }) => ({
      ...rest,
      id: configurationId(`${String(copy).padStart(6, "0")}${id}`.slice(0, 20)),
      values: { ...values, dropout: copy / copies },
    })),
  ).flat();
}

function failedTrial(trial: PlannedTrial, reason: string): TrialRecord {
  return {
    trial,
    key: `trials/${trial.id}`,
    state: { type: "failed", failure: { schemaVersion: 1, trialId: trial.id, attempt: 1, kind: "diverged", reason } },
    metrics: epochsOf(trial).slice(0, 2),
    timings: [],
  };
}

function finishedTrial(plan: Plan, trial: PlannedTrial, options: SampleOptions): TrialRecord {
  const metrics = epochsOf(trial);
  const last = metrics.at(-1);
  if (last?.validation === undefined) throw new Error("the sample needs an epoch with validation figures");
  const confusion = confusionOf(trial, options);
  const right = confusion.counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const all = confusion.counts.flat().reduce((sum, count) => sum + count, 0);
  return {
    trial,
    key: `trials/${trial.id}`,
    state: {
      type: "finished",
      result: {
        schemaVersion: 1,
        trialId: trial.id,
        epochs: epochCount,
        steps: 750 * epochCount,
        parameterCount: plan.models[trial.configuration % 4 < 2 ? 0 : 1]?.parameterCount ?? 0,
        testedEpoch: epochCount,
        train: { loss: last.loss, accuracy: last.accuracy },
        validation: last.validation,
        test: { loss: last.validation.loss * 0.97, accuracy: right / all, macroF1: macroAverage(confusion.classes).f1 },
        files: {},
      },
    },
    metrics: options.hasStepLog === true ? withStepLog(metrics) : metrics,
    timings: [],
    confusion,
    environment: environmentOf(trial),
  };
}

/** The share of wrong predictions in the end: by configuration, and a little by seed. */
function errorRate(trial: PlannedTrial): number {
  const byConfiguration = [0.014, 0.019, 0.024, 0.046][trial.configuration % 4] ?? 0.05;
  return byConfiguration * (0.9 + 0.2 * randomStream(trial.configuration, trial.seed).uniformAt(0));
}

function epochsOf(trial: PlannedTrial): EpochMetrics[] {
  const random = randomStream(trial.configuration, trial.seed, 7);
  return Array.from({ length: epochCount }, (_, index) => {
    const error = errorRate(trial) + 0.09 * Math.exp(-1.1 * index) * (0.9 + 0.2 * random.uniformAt(index));
    const trainError = error * (1.35 - 0.22 * index);
    return {
      kind: "epoch",
      epoch: index + 1,
      step: 750 * (index + 1),
      learningRate: learningRates[trial.configuration % 2] ?? 0.001,
      loss: trainError * 3.3,
      accuracy: 1 - trainError,
      validation: { loss: error * 3.3, accuracy: 1 - error },
    };
  });
}

function confusionOf(trial: PlannedTrial, { classNames, examplesPerClass }: SampleOptions): ConfusionDocument {
  const names = classNames ?? digits;
  const random = randomStream(trial.configuration, trial.seed, 11);
  const support = examplesPerClass ?? 1000;
  const counts = names.map((_, row) => {
    const errors = Math.round(support * errorRate(trial) * (0.4 + 1.2 * random.uniformAt(row)));
    const cells = names.map(() => 0);
    for (let error = 0; error < errors; error++) {
      // Cubed: neighbours are confused much more often than others.
      const distance = 1 + Math.floor((names.length - 1) * random.uniformAt(1000 + row * 100 + error) ** 3);
      const column = (row + distance) % names.length;
      cells[column] = (cells[column] ?? 0) + 1;
    }
    cells[row] = support - errors;
    return cells;
  });
  return { schemaVersion: 1, classNames: names, counts, classes: classFigures(counts) };
}

function environmentOf(trial: PlannedTrial): EnvironmentDocument {
  return {
    schemaVersion: 1,
    engine: "wasm",
    engineVersion: "4.22.0",
    packageVersion: "0.1.0",
    node: "v22.11.0",
    platform: "linux x64",
    cpu: "AMD EPYC 7B13",
    threads: 1,
    hostname: "laptop",
    attempt: 1,
    startedAt: `2026-11-22T03:1${trial.configuration % 4}:00.000Z`,
    finishedAt: `2026-11-22T03:1${trial.configuration % 4}:48.000Z`,
    seconds: 46 + trial.seed,
    peakMemoryBytes: 412e6,
  };
}

function configurationId(id: string): ConfigurationId {
  if (!isConfigurationId(id)) throw new Error(`${id} is not an id`);
  return id;
}

function trialId(id: string): TrialId {
  if (!isTrialId(id)) throw new Error(`${id} is not an id`);
  return id;
}

function isConfigurationId(id: string): id is ConfigurationId {
  return id.length === 20;
}

function isTrialId(id: string): id is TrialId {
  return id.length === 20;
}

function withStepLog(epochs: readonly EpochMetrics[]): MetricsLine[] {
  const stepCount = 750 * epochs.length;
  const steps = Array.from({ length: Math.floor(stepCount / 20) }, (_, index) => 20 * (index + 1));
  const log = steps.map((step): MetricsLine => {
    const figures = { loss: 2 - step / 1000, accuracy: 0.5, learningRate: 0.001 };
    return { kind: "step", epoch: Math.ceil(step / 750), step, ...figures };
  });
  return [...log, ...epochs];
}
