import { describe, expect, test } from "vitest";
import { planExperiment } from "../../src/plan/plan-experiment.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { estimateWasmActivations } from "../../src/plan/wasm-activations.ts";
import { estimateWasmHeap } from "../../src/plan/wasm-heap.ts";
import { formatPath } from "../../src/spec/issue.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { code, experimentOf, mnist, planOf } from "./experiment-of.ts";

const mebibyte = 2 ** 20;
type Changes = Readonly<Record<string, YamlValue>>;

const heapOf = (changes: Changes) => estimateWasmHeap(resolveTrial(planOf(changes), 0));

function issuesOnWasm(changes: Changes) {
  const result = planExperiment(experimentOf(changes), [{ spec: "mnist", dataset: mnist }], code, [], "wasm");
  return "issues" in result ? result.issues : [];
}

const wide = (units: number): YamlValue => ({
  layers: ["flatten", { dense: { units } }, { dense: { units } }, { dense: { units: 10, activation: "softmax" } }],
});
const cnn: YamlValue = {
  layers: [
    { conv2d: { filters: 16, kernelSize: 3, padding: "same", activation: "relu" } },
    { maxPooling2d: { poolSize: 2 } },
    { conv2d: { filters: 32, kernelSize: 3, padding: "same", activation: "relu" } },
    { maxPooling2d: { poolSize: 2 } },
    "flatten",
    { dense: { units: 128, activation: "relu" } },
    { dense: { units: 10, activation: "softmax" } },
  ],
};

describe("the heap that is predicted is within a tenth of the measured one", () => {
  // Measured: size of the WASM memory after two steps, an evaluation and the test of the saved model.
  test.each([
    ["a small network with batches of 512", { model: cnn, "training.batchSize": 512 }, 512, 171],
    ["a small network with batches of 3000", { model: cnn, "training.batchSize": 3000 }, 3000, 944],
  ] as const)("%s", (_, changes, evaluationBatch, measuredMebibytes) => {
    const { bytes } = heapOf({ ...changes, "evaluation.batchSize": evaluationBatch });

    expect(bytes / mebibyte / measuredMebibytes).toBeGreaterThan(0.9);
    expect(bytes / mebibyte / measuredMebibytes).toBeLessThan(1.1);
  });
});

describe("layer outputs of a training step are held", () => {
  const conv = (changes: Readonly<Record<string, YamlValue>>, ...more: readonly YamlValue[]): YamlValue => ({
    layers: [
      { conv2d: { filters: 100, kernelSize: 1, ...changes } },
      ...more,
      "flatten",
      { dense: { units: 10, useBias: false } },
    ],
  });
  const fromLogits = { type: "sparseCategoricalCrossentropy", fromLogits: true };
  const copiesOf = (model: YamlValue) => {
    const planned = resolveTrial(planOf({ model, "training.loss": fromLogits }), 0).model;
    const one = estimateWasmActivations({ ...planned, inputShape: [28, 28, 100], layers: [] }, 1);
    return estimateWasmActivations(planned, 1) / one;
  };

  // One of the copies is the gradient.
  test.each([
    ["twice behind a linear layer", conv({}), 2],
    ["three times behind relu", conv({ activation: "relu" }), 3],
    ["five times behind another activation", conv({ activation: "tanh" }), 5],
    ["four times if relu has no bias before it", conv({ activation: "relu", useBias: false }), 4],
    ["five times behind a dilated kernel with relu", conv({ activation: "relu", dilationRate: 2, padding: "same" }), 5],
    ["three times more behind dropout", conv({}, { dropout: { rate: 0.5 } }), 5],
  ] as const)("%s", (_, model, copies) => {
    expect(copiesOf(model)).toBeCloseTo(copies, 1);
  });
});

describe("a trial that the embedded engine can't hold is refused", () => {
  test("at the training batch whose layer outputs take the heap", () => {
    const [issue] = issuesOnWasm({ model: cnn, "training.batchSize": 18_000, "evaluation.batchSize": 100 });

    expect(issue).toMatchObject({ code: "wasm-heap-too-small", path: ["training", "batchSize"] });
    expect(issue?.message).toMatch(
      /would need about 5,\d\d\d MiB of its heap, which ends at 4,096 MiB: got batches of 18,000/,
    );
    expect(issue?.fix).toMatch(/smaller batchSize, or fewer units or filters, or run with --engine tensorflow/);
  });

  test("at the evaluation batch", () => {
    const [issue] = issuesOnWasm({
      model: {
        layers: [
          { conv2d: { filters: 200, kernelSize: 3, padding: "same" } },
          "flatten",
          { dense: { units: 10, activation: "softmax" } },
        ],
      },
      "training.batchSize": 10,
      "evaluation.batchSize": 6000,
    });

    expect(issue).toMatchObject({ code: "wasm-heap-too-small", path: ["evaluation", "batchSize"] });
  });

  test("at the layers whose weights take it, with the optimizer's name", () => {
    const [issue] = issuesOnWasm({ model: wide(15_500) });

    expect(issue).toMatchObject({ code: "wasm-heap-too-small", path: ["model", "layers"] });
    expect(issue?.message).toContain("the slots of adam");
  });

  test("at the swept value that does it", () => {
    const issues = issuesOnWasm({
      model: cnn,
      "evaluation.batchSize": 100,
      "sweep.grid": { "training.batchSize": [64, 18_000] },
    });

    expect(issues.map(({ path }) => formatPath(path))).toEqual(["sweep.grid.training.batchSize[1]"]);
  });

  test("but planned for an engine without this limit", () => {
    expect(planOf({ model: wide(15_500) }).trials).toHaveLength(1);
  });
});

test("a heap that is nearly full is told from one that is too small", () => {
  const stateOf = (units: number) => heapOf({ model: wide(units) }).state;

  expect([1000, 13_000, 15_500].map(stateOf)).toEqual(["fits", "nearLimit", "exceedsLimit"]);
});
