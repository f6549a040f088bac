import { describe, expect, test } from "vitest";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { issuesOf, mnist, planOf, problemsOf } from "./experiment-of.ts";

// The sample has 54,000 examples to learn from: 3 epochs of 108 steps.
const withoutValidation = { data: { dataset: "mnist" } };
const scheduled = (schedule: YamlValue, training: object = {}) => ({
  training: { epochs: 3, batchSize: 500, ...training, learningRateSchedule: schedule },
});
const adviceFor = (changes: Parameters<typeof issuesOf>[0]) =>
  issuesOf(changes).map(({ path, message, fix }) => [path.join("."), message, fix]);
const at = (field: string) => `training.learningRateSchedule.${field}`;

test("the ids of experiments from before these fields were there stay", () => {
  const training = {
    steps: 500,
    batchSize: 500,
    optimizer: { type: "sgd", momentum: 0.9 },
    learningRateSchedule: { type: "step", everyEpochs: 2 },
    keepBest: "validationLoss",
    loss: "categoricalCrossentropy",
  };

  expect(planOf().trials[0]?.id).toBe("0e56053f41f9cfb07f43");
  expect(planOf({ training }).trials[0]?.id).toBe("74cf37d7d4f4f6db16dd");
});

test("what is written but changes nothing of the loss does not change the id", () => {
  const loss = { type: "sparseCategoricalCrossentropy", labelSmoothing: 0, allowSoftmaxOutput: false };

  expect(planOf({ "training.loss": loss }).trials[0]?.id).toBe(planOf().trials[0]?.id);
});

describe("a schedule against the length of the training", () => {
  test.each<[string, object]>([
    ["a step", { type: "step", everySteps: 323 }],
    ["milestones", { type: "multiStep", epochs: [1, 2] }],
    ["milestones in steps", { type: "multiStep", steps: [323] }],
    ["decays", { type: "exponential", decayRate: 0.5, everySteps: 1000 }],
    ["a cosine", { type: "cosine" }],
    ["cycles", { type: "cosine", restarts: { firstEpochs: 1 } }],
    ["a list that is shorter", { type: "list", values: [0.1, 0.01] }],
    ["a plateau", { type: "reduceOnPlateau", patience: 1 }],
    ["a warm-up", { type: "cosine", warmup: { epochs: 2 } }],
  ])("%s within it is allowed", (_, schedule) => {
    const data = { dataset: "mnist", validation: { fraction: 0.1 } };

    expect(issuesOf({ data, ...scheduled(schedule as YamlValue) })).toEqual([]);
  });

  test("a drop in steps must come before the end", () => {
    expect(adviceFor(scheduled({ type: "step", everySteps: 324 }))).toEqual([
      [
        at("everySteps"),
        "the learning rate would first drop after 324 steps, but the training has only 324: it never drops",
        "use at most 323, or `type: constant`",
      ],
    ]);
  });

  test("every milestone beyond the end is told", () => {
    expect(adviceFor(scheduled({ type: "multiStep", epochs: [1, 3, 4] }))).toEqual([
      [
        at("epochs.1"),
        "the learning rate would drop after 3 epochs, but the training has only 3",
        "remove it, or use at most 2",
      ],
      [
        at("epochs.2"),
        "the learning rate would drop after 4 epochs, but the training has only 3",
        "remove it, or use at most 2",
      ],
    ]);
  });

  test("a list for more epochs than there are is refused", () => {
    expect(adviceFor(scheduled({ type: "list", values: [0.1, 0.1, 0.1, 0.1] }))).toEqual([
      [
        at("values"),
        "got learning rates for 4 epochs, but the training has only 3",
        "give at most 3; the last one holds for all epochs after it",
      ],
    ]);
  });

  test("a warm-up must be shorter than the training", () => {
    expect(adviceFor(scheduled({ type: "constant", warmup: { epochs: 3 } }))).toEqual([
      [
        at("warmup.epochs"),
        "the warm-up takes 3 epochs, but the training has only 3: it never comes to an end",
        "use at most 2",
      ],
    ]);
    expect(problemsOf(scheduled({ type: "cosine", warmup: { steps: 324 } }))).toEqual([
      `schedule-without-effect ${at("warmup.steps")}`,
    ]);
  });

  test("what is left after the warm-up counts", () => {
    const [issue] = issuesOf(scheduled({ type: "step", everyEpochs: 2, warmup: { epochs: 1 } }));

    expect(issue?.message).toBe(
      "the learning rate would first drop after 2 epochs, but the training has only 2 after its warm-up: it never drops",
    );
  });

  test("a plateau needs an epoch after its patience", () => {
    expect(adviceFor(scheduled({ type: "reduceOnPlateau", monitor: "trainLoss", patience: 2 }))).toEqual([
      [
        at("patience"),
        "the learning rate would first drop after 3 epochs, but the training has only 3: it never drops",
        "use at most 1, or `type: constant`",
      ],
    ]);
  });

  test("a schedule per epoch needs more than one", () => {
    expect(problemsOf(scheduled({ type: "cosine", per: "epoch" }, { epochs: 1 }))).toEqual([
      "schedule-without-effect training.learningRateSchedule",
    ]);
    expect(problemsOf(scheduled({ type: "cosine" }, { epochs: 1 }))).toEqual([]);
  });

  test("a first cycle as long as the training never restarts", () => {
    const [issue] = issuesOf(scheduled({ type: "cosine", restarts: { firstSteps: 324 } }));

    expect(issue?.message).toBe("the first cycle takes 324 steps, but the training has only 324: it never restarts");
  });

  test("a minimum must be below the learning rate, also where that is swept", () => {
    const changes = {
      ...scheduled({ type: "cosine", minimum: 0.01 }),
      "sweep.grid": { "training.optimizer.learningRate": [0.1, 0.001] },
    };

    expect(adviceFor(changes)).toEqual([
      [
        "sweep.grid.training.optimizer.learningRate.1",
        "got 0.01, but the learning rate starts at 0.001 and falls from there (with training.optimizer.learningRate=0.001)",
        "use a number below 0.001, or raise `training.optimizer.learningRate`",
      ],
    ]);
  });
});

describe("what watches figures", () => {
  test("of validation needs validation examples", () => {
    const training = {
      epochs: 9,
      earlyStopping: { patience: 2 },
      learningRateSchedule: { type: "reduceOnPlateau", patience: 2 },
    };

    expect(problemsOf({ ...withoutValidation, training })).toEqual([
      "monitor-without-validation training.earlyStopping.monitor",
      "monitor-without-validation training.learningRateSchedule.monitor",
    ]);
  });

  test("of training needs none", () => {
    const training = { epochs: 9, earlyStopping: { monitor: "trainLoss" }, keepBest: "trainAccuracy" };

    expect(issuesOf({ ...withoutValidation, training })).toEqual([]);
  });

  test("and stops must have an epoch less to do", () => {
    expect(issuesOf({ "training.earlyStopping": { patience: 1 } })).toEqual([]);
    expect(adviceFor({ "training.earlyStopping": { patience: 2 } })).toEqual([
      [
        "training.earlyStopping.patience",
        "the training could first stop after 3 epochs, but it has only 3: it never stops early",
        "use at most 1",
      ],
    ]);
  });

  test("is needed to keep the best checkpoint", () => {
    const keep = { "training.checkpoint": { everyEpochs: 1, keep: "best" } };

    expect(problemsOf(keep)).toEqual(["checkpoint-without-effect training.checkpoint.keep"]);
    expect(problemsOf({ ...keep, "training.keepBest": "trainLoss" })).toEqual([]);
    expect(problemsOf({ ...keep, "training.earlyStopping": { patience: 1 } })).toEqual([]);
  });
});

describe("class weights", () => {
  const animals = { ...mnist, name: "animals", classCount: 3, classNames: ["cat", "dog", "3"] };
  const weighted = (classWeights: YamlValue) => ({
    "training.classWeights": classWeights,
    "model.layers[3].dense.units": 3,
  });

  test("are given by name or index, or balanced", () => {
    for (const weights of [{ cat: 2, "1": 0.5 }, { "3": 1 }, "balanced"] as const)
      expect(issuesOf(weighted(weights), animals)).toEqual([]);
  });

  test("of a class that does not exist are refused with the nearest name", () => {
    expect(issuesOf(weighted({ cats: 2, "7": 1 }), animals)).toMatchObject([
      {
        code: "unknown-class",
        path: ["training", "classWeights", "7"],
        fix: "use an index from 0 to 2, or a name: cat, dog, 3",
      },
      { code: "unknown-class", path: ["training", "classWeights", "cats"], fix: "did you mean `cat`?" },
    ]);
  });

  test("of one class under its name and its index are refused", () => {
    expect(problemsOf(weighted({ cat: 2, "0": 1 }), animals)).toEqual(["conflicting-fields training.classWeights.cat"]);
  });

  test("that are all 0 leave nothing to learn", () => {
    expect(problemsOf(weighted({ cat: 0, dog: 0, "3": 0 }), animals)).toEqual(["out-of-range training.classWeights"]);
  });
});
