import { describe, expect, test } from "vitest";
import { tellTrialNews, type TrialNews } from "../../../src/plan/outlook/trial-news.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { YamlValue } from "../../../src/spec/schema/experiment.ts";
import { code, experimentOf, mnist, plan, planOf } from "../experiment-of.ts";

type Changes = Readonly<Record<string, YamlValue>>;

const sweep = { "sweep.grid": { "training.optimizer.learningRate": [0.1, 0.01] }, "sweep.seeds": [1, 2] };
const before = planOf(sweep);
/** All trials of the first plan, finished by one run. */
const finished = new Map<string, { experiment: string; runId: string }>(
  before.trials.map(({ id }) => [id, { experiment: "sample", runId: "r1" }]),
);
const previous = { runId: "r1", plan: before };
const newsOf = (after: Plan): TrialNews[] => tellTrialNews(after, { finished, previous });
const typesOf = (after: Plan): string[] => newsOf(after).map(({ type }) => type);

function planned(changes: Changes, { identity = code, dataset = mnist } = {}): Plan {
  const made = plan(experimentOf({ ...sweep, ...changes }), identity, dataset);
  if ("issues" in made) throw new Error(JSON.stringify(made.issues));
  return made.plan;
}

/** A list with the same value so many times. */
function times<Value>(count: number, value: Value): Value[] {
  return Array.from({ length: count }, () => value);
}

describe("what is trained again", () => {
  test.each<[what: string, changes: Changes, dataset?: typeof mnist]>([
    ["the data's bytes", {}, { ...mnist, sha256: "b".repeat(64) }],
    ["a subset of the data", { "data.subset": { train: { first: 10_000 } } }],
    ["the scaling of images", { "data.scale": "standardize" }],
    ["a layer's size", { "model.layers[0].conv2d.filters": 9 }],
    ["a layer's activation", { "model.layers[0].conv2d.activation": "tanh" }],
    ["another layer", { "model.layers": ["flatten", { dense: { units: 10, activation: "softmax" } }] }],
    ["the optimiser", { "training.optimizer.type": "sgd" }],
    ["a setting of the optimiser", { "training.optimizer.beta1": 0.8 }],
    ["the number of epochs", { "training.epochs": 4 }],
    ["the batch size", { "training.batchSize": 400 }],
    ["early stopping", { "training.earlyStopping": { monitor: "validationLoss", patience: 1 } }],
    ["when it is tested", { "evaluation.test": "everyEpoch" }],
  ])("all trials, after a change of %s", (_what, changes, dataset = mnist) => {
    const after = planned(changes, { dataset });

    expect(typesOf(after)).toEqual(times(4, "changed"));
  });

  test("all trials, after a change of the results version, and that is said", () => {
    const after = planned({}, { identity: { ...code, resultsVersion: 2 } });

    expect(newsOf(after)).toEqual(
      times(4, { type: "changed", changes: [{ path: "results version", before: "1", after: "2" }] }),
    );
  });

  test.each<[what: string, changes: Changes, identity?: typeof code]>([
    ["the name", { name: "other" }],
    ["the description", { description: "something else" }],
    ["the model's name", { "model.name": "small" }],
    ["resources", { resources: { workers: 3, memoryMebibytes: 4000 } }],
    ["checkpoints", { "training.checkpoint": { everySteps: 7, keep: "all" } }],
    ["the batch size of the evaluation", { "evaluation.batchSize": 77 }],
    ["what is shown of the record", { "evaluation.topK": 3 }],
    ["the package's version", {}, { ...code, packageVersion: "9.9.9" }],
  ])("no trial, after a change of %s", (_what, changes, identity = code) => {
    const after = planned(changes, { identity });

    expect(newsOf(after)).toEqual(times(4, { type: "cached", experiment: "sample", runId: "r1" }));
  });

  test("only what is new, of a sweep of 1,000 trials that one value is added to", () => {
    const rates = Array.from({ length: 100 }, (_, index) => (index + 1) / 1000);
    const sweepOf = (values: number[]) => ({
      "sweep.grid": { "training.optimizer.learningRate": values },
      "sweep.seeds": 10,
    });
    const thousand = planOf(sweepOf(rates));
    const known = new Map<string, { experiment: string; runId: string }>(
      thousand.trials.map(({ id }) => [id, { experiment: "sample", runId: "r1" }]),
    );

    const extended = planOf(sweepOf([...rates, 0.5]));
    const news = tellTrialNews(extended, { finished: known, previous: { runId: "r1", plan: thousand } });

    expect(thousand.trials).toHaveLength(1000);
    expect(news.filter(({ type }) => type === "cached")).toHaveLength(1000);
    const others = news.filter(({ type }) => type !== "cached");
    expect(others).toHaveLength(10);
    expect(others[0]).toMatchObject({
      type: "new",
      changes: [{ path: "training.optimizer.learningRate", after: "0.5" }],
    });
  });
});

describe("the news of a trial", () => {
  test("say which seed is new", () => {
    const after = planned({ "sweep.seeds": [1, 2, 3] });

    expect(newsOf(after).filter(({ type }) => type === "new")).toEqual(
      times(2, { type: "new", changes: [{ path: "seed", before: null, after: "3" }] }),
    );
  });

  test("say in what a trial differs from the one whose place it takes", () => {
    const after = planned({ "sweep.grid": { "training.optimizer.learningRate": [0.1, 0.02] } });

    expect(newsOf(after).filter(({ type }) => type !== "cached")).toEqual(
      times(2, {
        type: "changed",
        changes: [{ path: "training.optimizer.learningRate", before: "0.01", after: "0.02" }],
      }),
    );
  });

  test("say that the last run has not finished it", () => {
    const [first] = before.trials;

    const news = tellTrialNews(before, { finished: new Map(), previous });

    expect(first).toBeDefined();
    expect(news).toEqual(times(4, { type: "unfinished", runId: "r1" }));
  });

  test("are that it is new, if there was no run", () => {
    expect(tellTrialNews(before, { finished: new Map() })).toEqual(times(4, { type: "new", changes: [] }));
  });
});
