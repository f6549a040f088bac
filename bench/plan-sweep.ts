// How long planning a space of 100,000 points with constraints takes, and the peak memory of the process that does it.
// Run: npx tsx bench/plan-sweep.ts grid|random

import { listDatasets, planExperiment } from "../src/plan/plan-experiment.ts";
import type { PlannedDataset } from "../src/plan/plan.ts";
import { serializePlan } from "../src/plan/serialize-plan.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";

const numbers = (count: number, scale: number) => Array.from({ length: count }, (_, index) => (index + 1) * scale);
const rate = "training.optimizer.learningRate";
const filters = "model.layers[0].conv2d.filters";
const spaces = {
  grid: {
    grid: {
      [rate]: numbers(50, 1 / 1024),
      "training.batchSize": numbers(20, 16),
      [filters]: numbers(20, 4),
      "training.epochs": numbers(5, 1),
    },
    exclude: [
      { "training.batchSize": { ">": 160 }, [rate]: { "<": 0.01 } },
      { [filters]: [4, 8, 12], "training.epochs": { ">=": 5 } },
    ],
  },
  random: {
    random: {
      count: 100_000,
      space: {
        [rate]: { logUniform: [0.0001, 0.1] },
        "training.batchSize": { intUniform: [16, 512] },
        [filters]: { quantised: { uniform: [8, 64], step: 8 } },
        "training.optimizer.beta1": { uniform: [0.8, 0.95] },
      },
    },
    exclude: [{ "training.batchSize": { ">": 480 }, [rate]: { "<": 0.001 } }],
  },
};
const kind = process.argv[2] === "random" ? "random" : "grid";
const experiment = {
  name: "hundred-thousand",
  data: { dataset: "mnist", validation: { fraction: 0.1 } },
  model: {
    layers: [
      { conv2d: { filters: 16, kernelSize: 3, padding: "same", activation: "relu" } },
      { maxPooling2d: {} },
      "flatten",
      { dense: { units: 10, activation: "softmax" } },
    ],
  },
  training: { epochs: 5, batchSize: 64, optimizer: { type: "adam" } },
  sweep: spaces[kind],
};
const mnist: PlannedDataset = {
  name: "mnist",
  sha256: "0".repeat(64),
  imageShape: [28, 28, 1],
  classCount: 10,
  classNames: numbers(10, 1).map(String),
  trainExamples: 60_000,
  testExamples: 10_000,
};

const start = performance.now();
const parsed = parseExperiment(JSON.stringify(experiment), "hundred-thousand.yaml");
if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
const datasets = listDatasets(parsed.experiment).map(({ spec }) => ({ spec, dataset: mnist }));
const result = planExperiment(parsed.experiment, datasets, { packageVersion: "0.1.0", resultsVersion: 1 });
if ("issues" in result) throw new Error(JSON.stringify(result.issues));
const planSeconds = (performance.now() - start) / 1000;
const planBytes = serializePlan(result.plan).length;

const figures = {
  space: kind,
  points: 100_000,
  trials: result.plan.trials.length,
  planSeconds: Math.round(planSeconds * 100) / 100,
  peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
  planBytes,
};
console.log(`${figures.points} points, ${figures.trials} trials left, planned in ${figures.planSeconds} s`);
console.log(`peak memory ${figures.peakMebibytes} MiB, plan.json ${(planBytes / 1e6).toFixed(1)} MB`);
console.log(JSON.stringify(figures));
