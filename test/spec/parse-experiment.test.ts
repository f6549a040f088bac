import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatPath } from "../../src/spec/issue.ts";
import { parseExperiment, type Experiment } from "../../src/spec/parse-experiment.ts";
import { renderIssue } from "../../src/spec/render-issue.ts";
import { writeExperiment } from "./written-experiment.ts";

const everything = readFileSync(new URL("../fixtures/spec/everything.yaml", import.meta.url), "utf8");

function parseValid(text: string): Experiment {
  const result = parseExperiment(text, "cnn.yaml");
  if ("issues" in result) throw new Error(result.issues.map(renderIssue).join("\n"));
  return result.experiment;
}

function issuesOf(text: string): readonly string[] {
  const result = parseExperiment(text, "cnn.yaml");
  return "issues" in result
    ? result.issues.map(({ position, path, code }) => `${position?.line} ${formatPath(path)} ${code}`)
    : [];
}

describe("a valid experiment", () => {
  test("keeps what was written and fills the defaults of Keras in", () => {
    const { file, document, spec } = parseValid(writeExperiment({}));

    expect(file).toBe("cnn.yaml");
    expect(document["training"]).toEqual({ epochs: 5 });
    expect(spec.training).toEqual({
      epochs: 5,
      batchSize: 32,
      optimizer: { type: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      loss: { type: "sparseCategoricalCrossentropy", fromLogits: false },
      learningRateSchedule: { type: "constant" },
      shuffle: true,
      checkpoint: { everyEpochs: 1, keep: 1 },
    });
    expect(spec.evaluation).toEqual({ test: "end", batchSize: 500 });
    expect(spec.sweep).toEqual({ grid: {}, seeds: [1] });
  });

  test("may use every field, with anchors and merge keys", () => {
    const { spec } = parseValid(everything);

    const [first, , group] = spec.model.layers;
    const repeated = group?.type === "repeat" ? group.layers[0] : undefined;
    expect(first).toMatchObject({ type: "conv2d", filters: 16, kernelSize: [3, 3], padding: "same" });
    expect(repeated).toEqual({ ...first, filters: 32 });
  });

  test("has a plain document in which aliases and merge keys are written out", () => {
    const { document } = parseValid(
      writeExperiment({
        model: "model:\n  layers:\n    - dense: &hidden { units: 64 }\n    - dense: { <<: *hidden, activation: relu }",
      }),
    );

    expect(JSON.stringify(document["model"])).toBe(
      '{"layers":[{"dense":{"units":64}},{"dense":{"units":64,"activation":"relu"}}]}',
    );
  });

  test("counts seeds from 1 if their number is given", () => {
    expect(parseValid(writeExperiment({ sweep: "sweep: { seeds: 3 }" })).spec.sweep.seeds).toEqual([1, 2, 3]);
  });

  test("reads 1e-3, 0x10 and quoted texts as YAML 1.2 does", () => {
    const { spec } = parseValid(
      writeExperiment({
        description: 'description: "yes"',
        training: "training:\n  epochs: 0x10\n  optimizer: { type: adam, learningRate: 1e-3 }",
      }),
    );

    expect(spec.description).toBe("yes");
    expect(spec.training).toMatchObject({ epochs: 16, optimizer: { learningRate: 0.001 } });
  });
});

describe("everything that is wrong is told at once, in the order of the file", () => {
  test("in all sections", () => {
    const text = [
      "name: My CNN",
      "data: { dataset: mnsit }",
      "model:",
      "  layers:",
      "    - conv2d: { fitlers: 8, kernel_size: 3, strides: 0 }",
      "    - dense",
      "training:",
      "  epoch: 5",
      "  batchSize: '64'",
      "  epochs: 3",
      "  epochs: 4",
      "sweep: { grid: { training.optimizer.learningRate: 0.1 }, seeds: many }",
    ].join("\n");

    expect(issuesOf(text)).toEqual([
      "1 name wrong-value",
      "2 data.dataset wrong-value",
      "5 model.layers[0].conv2d.fitlers unknown-key",
      "5 model.layers[0].conv2d.kernel_size unknown-key",
      "5 model.layers[0].conv2d.strides out-of-range",
      "6 model.layers[1] malformed-layer",
      "8 training.epoch unknown-key",
      "9 training.batchSize wrong-type",
      "11 training.epochs duplicate-key",
      "12 sweep.grid.training.optimizer.learningRate wrong-type",
      "12 sweep.seeds wrong-type",
    ]);
  });

  test("and rules between fields are checked although other fields are wrong", () => {
    const text = writeExperiment({
      training: "training:\n  batchSize: none\n  optimizer: { type: sgd, learningRate: -1, nesterov: true }",
    });

    expect(issuesOf(text)).toEqual([
      "8 training missing-budget",
      "9 training.batchSize wrong-type",
      "10 training.optimizer.learningRate out-of-range",
      "10 training.optimizer.nesterov conflicting-fields",
    ]);
  });

  test("but a field that is only misspelt is not missing as well", () => {
    const text = writeExperiment({
      model: "model:\n  layers:\n    - conv2d: { filter: 8, kernel: 3 }",
      training: "training:\n  epoch: 5",
    });

    expect(issuesOf(text)).toEqual([
      "6 model.layers[0].conv2d.filter unknown-key",
      "6 model.layers[0].conv2d.kernel unknown-key",
      "8 training.epoch unknown-key",
    ]);
  });

  test("and a mistake in an anchored map is told once, where it was written", () => {
    const text = writeExperiment({
      model: "model:\n  layers:\n    - dense: &hidden\n        unit: 64\n    - dense: *hidden\n    - dense: *hidden",
    });

    expect(issuesOf(text)).toEqual(["7 model.layers[0].dense.unit unknown-key"]);
  });
});

describe("a sweep", () => {
  test("may give what the document leaves out", () => {
    const { spec, document } = parseValid(
      writeExperiment({
        model: "",
        training: "training: {}",
        sweep: [
          "sweep:",
          "  grid:",
          "    training.epochs: [2, 4]",
          "    model:",
          "      - layers: [flatten, { dense: { units: 10 } }]",
          "      - layers: [flatten]",
        ].join("\n"),
      }),
    );

    expect(document["model"]).toBeUndefined();
    expect(spec.training.epochs).toBe(2);
    expect(spec.model.layers).toHaveLength(2);
  });

  test("of a parameter of the default optimizer needs no optimizer in the document", () => {
    const text = writeExperiment({ sweep: "sweep:\n  grid:\n    training.optimizer.learningRate: [0.1, 0.2]" });

    expect(issuesOf(text)).toEqual([]);
  });

  test("does not hide a wrong value that it replaces", () => {
    const text = writeExperiment({
      training: "training:\n  epochs: fast",
      sweep: "sweep:\n  grid:\n    training.epochs: [1, 2]",
    });

    expect(issuesOf(text)).toEqual(["9 training.epochs wrong-type"]);
  });

  test("of an experiment with other mistakes is checked value by value", () => {
    const text = writeExperiment({
      name: "name: My CNN",
      model: "",
      sweep: [
        "sweep:",
        "  grid:",
        "    training.batchSize: [32, many]",
        "    training.optimiser.learningRate: [0.1]",
        "    learning_rate: [0.1]",
        "    model:",
        "      - layers: [flatten]",
        "      - layers: [{ dense: { unit: 3 } }]",
        "    training.steps: [100]",
        "    data.dataset.folder.name: [x]",
      ].join("\n"),
    });

    expect(issuesOf(text)).toEqual([
      "1 name wrong-value",
      "8 sweep.grid.training.batchSize[1] wrong-type",
      "9 sweep.grid.training.optimiser.learningRate unknown-key",
      "10 sweep.grid.learning_rate bad-sweep-path",
      "13 sweep.grid.model[1].layers[0].dense.unit unknown-key",
      "14 sweep.grid.training.steps[0] conflicting-fields",
      "15 sweep.grid.data.dataset.folder.name bad-sweep-path",
    ]);
  });
});
