// How long planning a grid of 10,000 trials takes, and the peak memory of the process that does it.
// Run: npx tsx bench/plan.ts

import { listDatasets, planExperiment } from "../src/plan/plan-experiment.ts";
import type { PlannedDataset } from "../src/plan/plan.ts";
import { serializePlan } from "../src/plan/serialize-plan.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";

const secondsUntilLoaded = performance.now() / 1000;

const numbers = (count: number, scale: number) => Array.from({ length: count }, (_, index) => (index + 1) * scale);
const experimentText = `
name: ten-thousand
data: {dataset: mnist, validation: {fraction: 0.1}}
model:
  layers:
    - conv2d: {filters: 16, kernelSize: 3, padding: same, activation: relu}
    - maxPooling2d: {}
    - conv2d: {filters: 32, kernelSize: 3, padding: same, activation: relu}
    - maxPooling2d: {}
    - flatten
    - dense: {units: 128, activation: relu}
    - dense: {units: 10, activation: softmax}
training: {epochs: 5, batchSize: 64, optimizer: {type: adam}}
sweep:
  grid:
    training.optimizer.learningRate: ${JSON.stringify(numbers(20, 1 / 1024))}
    training.batchSize: ${JSON.stringify(numbers(10, 16))}
    model.layers[0].conv2d.filters: ${JSON.stringify(numbers(10, 4))}
  seeds: 5
`;
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
const parsed = parseExperiment(experimentText, "ten-thousand.yaml");
if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
const datasets = listDatasets(parsed.experiment).map(({ spec }) => ({ spec, dataset: mnist }));
const result = planExperiment(parsed.experiment, datasets, { packageVersion: "0.1.0", resultsVersion: 1 });
if ("issues" in result) throw new Error(JSON.stringify(result.issues));
const planSeconds = (performance.now() - start) / 1000;
const bytes = serializePlan(result.plan).length;
const seconds = (performance.now() - start) / 1000;

const round = (value: number) => Math.round(value * 1000) / 1000;
const figures = {
  trials: result.plan.trials.length,
  configurations: result.plan.configurations.length,
  planSeconds: round(planSeconds),
  planAndSerializeSeconds: round(seconds),
  loadSeconds: round(secondsUntilLoaded),
  peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
  planBytes: bytes,
};
console.log(
  `${figures.trials} trials planned in ${figures.planSeconds} s; process start and modules ${figures.loadSeconds} s`,
);
console.log(`peak memory ${figures.peakMebibytes} MiB, plan.json ${(bytes / 1e6).toFixed(1)} MB`);
console.log(JSON.stringify(figures));
