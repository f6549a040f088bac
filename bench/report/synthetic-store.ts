import { objectKeys, trialFiles } from "../../src/contract/object-keys.ts";
import { classFigures } from "../../src/metrics/class-figures.ts";
import { listDatasets, planExperiment } from "../../src/plan/plan-experiment.ts";
import type { Plan, PlannedDataset } from "../../src/plan/plan.ts";
import { randomStream } from "../../src/plan/random.ts";
import { serializePlan } from "../../src/plan/serialize-plan.ts";
import type { RunDocument } from "../../src/record/run-records.ts";
import type { Store } from "../../src/record/store.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";

const epochs = 100;
const testExamples = 10_000;
const classCount = 10;
const mnist: PlannedDataset = {
  name: "mnist",
  sha256: "0".repeat(64),
  imageShape: [28, 28, 1],
  classCount,
  classNames: Array.from({ length: classCount }, (_, index) => String(index)),
  trainExamples: 60_000,
  testExamples,
};

function planOf(trials: number): Plan {
  const experiment = {
    name: "synthetic",
    data: { dataset: "mnist", validation: { fraction: 0.1 } },
    model: { layers: ["flatten", { dense: { units: classCount, activation: "softmax" } }] },
    training: { epochs, optimizer: { type: "adam" } },
    sweep: {
      grid: {
        "training.optimizer.learningRate": Array.from({ length: trials / 20 }, (_, index) => (index + 1) / 2 ** 17),
        "training.batchSize": [16, 24, 32, 48, 64, 96, 128, 192, 256, 384],
      },
      seeds: 2,
      maxTrials: 100_000,
    },
  };
  const parsed = parseExperiment(JSON.stringify(experiment), "synthetic.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const datasets = listDatasets(parsed.experiment).map(({ spec }) => ({ spec, dataset: mnist }));
  const planned = planExperiment(parsed.experiment, datasets, { packageVersion: "0.1.0", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  return planned.plan;
}

/** A run that is made up. */
export interface SyntheticRun {
  readonly store: Store;
  readonly run: RunDocument;
  /** Milliseconds that making records up has taken so far. */
  readonly spentMs: () => number;
}

/** A finished run of so many trials of 100 epochs, whose records are made up whenever they are asked for. */
export function syntheticRun(trials: number): SyntheticRun {
  const plan = planOf(trials);
  const run: RunDocument = {
    schemaVersion: 1,
    runId: "20261130T000000Z-0000",
    experiment: plan.experiment,
    planId: plan.planId,
    createdAt: "2026-11-30T00:00:00.000Z",
    experimentFile: "/synthetic.yaml",
  };
  const clock = { ms: 0 };
  return { store: syntheticStore(plan, run, clock), run, spentMs: () => clock.ms };
}

function syntheticStore(plan: Plan, run: RunDocument, clock: { ms: number }): Store {
  const folder = objectKeys.run(run.experiment, run.runId);
  const indices = new Map<string, number>(plan.trials.map(({ id }, index) => [id, index]));
  const textOf = (key: string): string | undefined => {
    if (key === objectKeys.plan(folder)) return serializePlan(plan);
    if (key === objectKeys.source(folder)) return JSON.stringify(run);
    const [, id = "", file = ""] = /\/trials\/([^/]+)\/(.+)$/.exec(key) ?? [];
    const index = indices.get(id);
    return index === undefined ? undefined : trialText(plan, index, file);
  };
  const refuse = (): Promise<never> => Promise.reject(new Error("nothing is written to a synthetic store"));
  return {
    location: "synthetic",
    get: (key) => {
      const begin = performance.now();
      const text = textOf(key);
      clock.ms += performance.now() - begin;
      return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
    },
    put: refuse,
    putIfAbsent: refuse,
    putIfMatch: refuse,
    getVersioned: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
    listSizes: () => Promise.resolve([]),
    listFolders: (prefix) => Promise.resolve(prefix === `${folder}/trials/` ? [...indices.keys()].sort() : []),
    sha256: () => Promise.resolve(undefined),
    delete: refuse,
  };
}

function trialText(plan: Plan, index: number, file: string): string | undefined {
  const trial = plan.trials[index];
  if (trial === undefined) return undefined;
  const random = randomStream(index, 1);
  const error = 0.02 + 0.1 * random.uniformAt(0);
  switch (file) {
    case trialFiles.result:
      return JSON.stringify(resultOf(trial.id, error, random.uniformAt(1)));
    case trialFiles.metrics:
      return jsonLines((epoch) => metricsLine(epoch, error, random.uniformAt(epoch + 10)));
    case trialFiles.timings:
      return jsonLines((epoch) => ({
        epoch,
        attempt: 1,
        seconds: 1 + random.uniformAt(epoch + 500),
        examplesPerSecond: 30_000,
      }));
    case trialFiles.confusion:
      return JSON.stringify(confusionOf(error));
    case trialFiles.environment:
      return JSON.stringify(environment);
    case trialFiles.predictions:
      return predictionsOf(error, index);
    default:
      return undefined;
  }
}

function jsonLines(lineOf: (epoch: number) => object): string {
  return Array.from({ length: epochs }, (_, index) => `${JSON.stringify(lineOf(index + 1))}\n`).join("");
}

function metricsLine(epoch: number, error: number, noise: number) {
  const now = error + Math.exp(-epoch / 12) * 0.5 + 0.01 * noise;
  return {
    kind: "epoch",
    epoch,
    step: 422 * epoch,
    learningRate: 0.001,
    loss: now * 3.1,
    accuracy: 1 - now,
    validation: { loss: now * 3.4 + 0.01 * noise, accuracy: 1 - now - 0.003 * noise },
  };
}

function resultOf(trialId: string, error: number, noise: number) {
  const last = metricsLine(epochs, error, noise);
  return {
    schemaVersion: 1,
    trialId,
    epochs,
    steps: 422 * epochs,
    parameterCount: 7850,
    testedEpoch: epochs,
    train: { loss: last.loss, accuracy: last.accuracy },
    validation: last.validation,
    test: { loss: last.loss, accuracy: 1 - error, macroF1: 1 - error * 1.01, weightedF1: 1 - error },
    files: {},
  };
}

function confusionOf(error: number) {
  const support = testExamples / classCount;
  const wrong = Math.round((error * support) / (classCount - 1));
  const counts = Array.from({ length: classCount }, (_, row) =>
    Array.from({ length: classCount }, (_, column) => (row === column ? support - (classCount - 1) * wrong : wrong)),
  );
  return { schemaVersion: 1, classNames: mnist.classNames, counts, classes: classFigures(counts) };
}

function predictionsOf(error: number, seed: number): string {
  const random = randomStream(seed, 2);
  const lines = Array.from({ length: testExamples }, (_, example) => {
    const label = example % classCount;
    const isWrong = random.uniformAt(example) < error;
    return `${example},${label},${isWrong ? (label + 1) % classCount : label},${isWrong ? 0.6 : 0.97}`;
  });
  return `example,label,predicted,probability\n${lines.join("\n")}\n`;
}

const environment = {
  schemaVersion: 1,
  engine: "tensorflow",
  engineVersion: "2.21.0",
  packageVersion: "0.1.0",
  node: process.version,
  platform: "linux x64",
  cpu: "synthetic",
  threads: 1,
  hostname: "synthetic",
  attempt: 1,
  startedAt: "2026-11-30T00:00:00.000Z",
  finishedAt: "2026-11-30T00:02:30.000Z",
  seconds: 150,
  peakMemoryBytes: 4e8,
};
