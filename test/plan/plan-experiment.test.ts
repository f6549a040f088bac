import { describe, expect, test } from "vitest";
import type { CodeIdentity, Plan, PlannedDataset } from "../../src/plan/plan.ts";
import { type KnownDataset, listDatasets, planExperiment } from "../../src/plan/plan-experiment.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { code, experimentOf, mnist, plan, planOf } from "./experiment-of.ts";

type Changes = Readonly<Record<string, YamlValue>>;

const idsOf = ({ trials }: Plan): readonly string[] => trials.map((trial) => trial.id);
const idOf = (changes: Changes = {}, dataset: PlannedDataset = mnist) => idsOf(planOf(changes, dataset))[0];

function idWithCode(identity: CodeIdentity): string | undefined {
  const result = plan(experimentOf(), identity);
  return "plan" in result ? result.plan.trials[0]?.id : undefined;
}

describe("the id of a trial", () => {
  // Made by this code: another id means that nobody's finished trials are found any more.
  test("is pinned", () => {
    expect(idOf()).toBe("0e56053f41f9cfb07f43");
    expect(planOf().configurations[0]?.id).toBe("235d4bbf880131fe531c");
  });

  const kept: Record<string, Changes> = {
    "the experiment's name": { name: "other" },
    "its description": { description: "something" },
    resources: { resources: { workers: 3, memoryMebibytes: 10_000 } },
    checkpoints: { "training.checkpoint": { everySteps: 10, keep: "all" } },
    "how often a checkpoint is written": { "training.checkpoint": { everySeconds: 60 } },
    "the architecture's name": { "model.name": "cnn" },
    "the size of evaluation batches": { "evaluation.batchSize": 7 },
    "the k of the top-k accuracy, as all are recorded": { "evaluation.topK": 5 },
    "defaults that are written out": {
      "model.layers[1].maxPooling2d": { poolSize: [2, 2], strides: 2, padding: "valid" },
    },
    "a layer's own number as its name": { "model.layers[0].conv2d.name": "conv2d_1" },
    "a repeat of one": {
      "model.layers[1]": { repeat: { times: 1, layers: [{ maxPooling2d: {} }] } },
    },
    "the subset that is everything": { "data.subset": { train: { first: 60_000 }, test: { first: 10_000 } } },
  };
  test.each(Object.entries(kept))("does not depend on %s", (_, changes) => {
    expect(idOf(changes)).toBe(idOf());
  });

  const changed: Record<string, Changes> = {
    "the learning rate": { "training.optimizer.learningRate": 0.002 },
    "the seed": { "sweep.seeds": [2] },
    "the number of epochs": { "training.epochs": 4 },
    "a layer's size": { "model.layers[0].conv2d.filters": 9 },
    "a layer's name": { "model.layers[0].conv2d.name": "stem" },
    "an initialiser": { "model.layers[0].conv2d.kernelInitializer": "heNormal" },
    "the validation part": { "data.validation.fraction": 0.2 },
    "the training examples": { "data.subset.train.first": 50_000 },
    "the test examples": { "data.subset.test.first": 9999 },
    "when it is tested": { "evaluation.test": "everyEpoch" },
    "which epoch is kept": { "training.keepBest": "validationLoss" },
  };
  test.each(Object.entries(changed))("changes with %s", (_, changes) => {
    expect(idOf(changes)).not.toBe(idOf());
  });

  test("changes with the data, but not with their name", () => {
    expect(idOf({}, { ...mnist, sha256: "b".repeat(64) })).not.toBe(idOf());
    expect(idOf({}, { ...mnist, name: "digits" })).toBe(idOf());
  });

  test("is the same from a folder in another format", () => {
    expect(idOf({ "data.dataset": { format: "idx", folder: "somewhere" } })).toBe(idOf());
  });

  test("changes with the results version of the code, not with the package's", () => {
    expect(idWithCode({ packageVersion: "9.9.9", resultsVersion: 1 })).toBe(idOf());
    expect(idWithCode({ packageVersion: "0.1.0", resultsVersion: 2 })).not.toBe(idOf());
  });

  test("stays when values or seeds are added to the sweep", () => {
    const grid = { "training.batchSize": [10, 20] };
    const more = { "training.batchSize": [5, 10, 15, 20], "model.layers[0].conv2d.filters": [4, 8] };

    const before = idsOf(planOf({ sweep: { grid, seeds: 2 } }));
    const after = new Set(idsOf(planOf({ sweep: { grid: more, seeds: [9, 2, 1] } })));

    expect(before.filter((id) => !after.has(id))).toEqual([]);
  });

  test("is 20 hex digits, and replicates share their configuration's", () => {
    const { trials, configurations } = planOf({ "sweep.seeds": 3 });

    expect(trials.every(({ id }) => /^[0-9a-f]{20}$/.test(id))).toBe(true);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(3);
    expect(configurations).toHaveLength(1);
  });
});

describe("a plan", () => {
  test("of the same trials has the same id, and another one if a trial is added", () => {
    expect(planOf({ name: "other" }).planId).toBe(planOf().planId);
    expect(planOf({ "sweep.seeds": 2 }).planId).not.toBe(planOf().planId);
  });

  test("holds only what it is planned with of a data set", () => {
    const manifest = { ...mnist, files: [{ name: "train-images", bytes: 1, sha256: "x" }] };

    expect(planOf({}, manifest).data[0]?.dataset).toEqual(mnist);
  });

  test("says what it was made from", () => {
    const result = planOf({ description: "about digits", "resources.workers": 2 });

    expect(result).toMatchObject({
      schemaVersion: 1,
      experiment: "sample",
      description: "about digits",
      code,
      resources: { workers: 2 },
    });
  });
});

describe("the data sets of an experiment", () => {
  const folder = (name: string) => ({ format: "idx", folder: name });
  const pathsOf = (changes: Changes) =>
    listDatasets(experimentOf(changes)).map(({ spec, path }) => [
      typeof spec === "string" ? spec : spec.folder,
      ...path,
    ]);

  test("is the one under `data` if none is swept", () => {
    expect(pathsOf({ "sweep.grid": { "data.validation.fraction": [0.1, 0.2] } })).toEqual([
      ["mnist", "data", "dataset"],
    ]);
  });

  test("are all that are swept, each once, where it is first named", () => {
    const grid = { "training.epochs": [1, 2], "data.dataset": [folder("a"), "mnist", folder("b"), folder("a")] };

    const at = (index: number) => ["sweep", "grid", "data.dataset", index];
    expect(pathsOf({ "sweep.grid": grid })).toEqual([
      ["a", ...at(0)],
      ["mnist", ...at(1)],
      ["b", ...at(2)],
    ]);
  });

  test("are found inside swept sections and where only their folder is swept", () => {
    const grid = { data: [{ dataset: "mnist" }, { dataset: folder("a") }] };
    const folders = { "data.dataset.folder": ["x", "y"] };

    expect(pathsOf({ "sweep.grid": grid }).map((path) => path.join("."))).toEqual([
      "mnist.sweep.grid.data.0.dataset",
      "a.sweep.grid.data.1.dataset",
    ]);
    expect(pathsOf({ "data.dataset": folder("a"), "sweep.grid": folders }).map((path) => path.join("."))).toEqual([
      "x.sweep.grid.data.dataset.folder.0",
      "y.sweep.grid.data.dataset.folder.1",
    ]);
  });

  test("are planned with their own facts", () => {
    const experiment = experimentOf({ "sweep.grid": { "data.dataset": ["mnist", folder("half")] } });
    const half = { ...mnist, name: "half", sha256: "b".repeat(64), trainExamples: 30_000 };
    const known: KnownDataset[] = [
      { spec: { format: "idx", folder: "half" }, dataset: half },
      { spec: "mnist", dataset: mnist },
    ];

    const result = planExperiment(experiment, known, code);

    const counts = "plan" in result ? result.plan.data.map((data) => [data.dataset.name, data.trainCount]) : [];
    expect(counts).toEqual([
      ["mnist", 54_000],
      ["half", 27_000],
    ]);
  });

  test("that are not given to the plan are a mistake of the program", () => {
    expect(() => planExperiment(experimentOf(), [], code)).toThrow('the data set "mnist" is not among those given');
  });
});
