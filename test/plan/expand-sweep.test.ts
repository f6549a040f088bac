import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath } from "../../src/spec/issue.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { experimentOf, issuesOf, plan, planOf, problemsOf } from "./experiment-of.ts";

const rate = "training.optimizer.learningRate";
const batch = "training.batchSize";
const filters = "model.layers[0].conv2d.filters";
const sweep = (grid: Readonly<Record<string, YamlValue>>, seeds: YamlValue = 1) => ({
  sweep: { grid: { ...grid }, seeds },
});

describe("the trials of a sweep", () => {
  test("without a grid there is one configuration with a trial per seed", () => {
    const { configurations, trials } = planOf({ "sweep.seeds": [7, 3] });

    expect(configurations.map((configuration) => configuration.values)).toEqual([{}]);
    expect(trials.map((trial) => [trial.configuration, trial.seed])).toEqual([
      [0, 7],
      [0, 3],
    ]);
  });

  test("2 learning rates × 3 batch sizes × 2 seeds are 12 trials, the first axis slowest, seeds fastest", () => {
    const { configurations, trials } = planOf(sweep({ [rate]: [0.1, 0.2], [batch]: [10, 20, 30] }, 2));

    expect(configurations.map(({ values }) => `${values[rate]}/${values[batch]}`).join(" ")).toBe(
      "0.1/10 0.1/20 0.1/30 0.2/10 0.2/20 0.2/30",
    );
    expect(trials.map((trial) => `${trial.configuration}/${trial.seed}`).join(" ")).toBe(
      "0/1 0/2 1/1 1/2 2/1 2/2 3/1 3/2 4/1 4/2 5/1 5/2",
    );
  });

  test("each configuration has the sections of its values, and equal sections are stored once", () => {
    const result = planOf(sweep({ [filters]: [4, 8], [batch]: [10, 20] }));

    const sizes = [result.data, result.models, result.trainings, result.evaluations].map((table) => table.length);
    expect(sizes).toEqual([1, 2, 2, 1]);
    for (const { model, training, values } of result.configurations) {
      expect(result.models[model]?.layers[0]?.outputShape.at(-1)).toBe(values[filters]);
      expect(result.trainings[training]?.batchSize).toBe(values[batch]);
    }
  });

  test("values that are written twice, or mean the same, are one trial", () => {
    const result = planOf(sweep({ "model.layers[0].conv2d.kernelSize": [3, [3, 3], 5, 3] }));

    expect(result.configurations.map(({ values }) => Object.values(values))).toEqual([[3], [5]]);
    expect(result.trials).toHaveLength(2);
  });

  test("what has no influence on results makes no further trials", () => {
    expect(planOf(sweep({ "training.checkpoint.everyEpochs": [1, 2, 3] })).trials).toHaveLength(1);
  });

  test("whole architectures are shown by their names, other maps and lists by their numbers", () => {
    const layers = (units: number) => [
      "flatten",
      { dense: { units } },
      { dense: { units: 10, activation: "softmax" } },
    ];
    const models = [
      { name: "small", layers: layers(8) },
      { name: "large", layers: layers(64) },
      { layers: layers(32) },
    ];
    const optimizers = [{ type: "adam" }, { type: "sgd" }];

    const { configurations } = planOf(sweep({ model: models, "training.optimizer": optimizers }));

    expect(configurations.map(({ values }) => Object.values(values).join("/")).join(" ")).toBe(
      "small/#1 small/#2 large/#1 large/#2 #3/#1 #3/#2",
    );
  });

  test("two architectures of one name are told apart by their numbers", () => {
    const model = (units: number) => ({ name: "mlp", layers: ["flatten", { dense: { units } }, { dense: softmax }] });
    const softmax = { units: 10, activation: "softmax" };

    const { configurations } = planOf(sweep({ model: [model(8), model(16)] }));

    expect(configurations.map(({ values }) => values["model"])).toEqual(["mlp #1", "mlp #2"]);
  });

  test("each trial resolves to what the experiment with its values written in would be", () => {
    const choice = fc.subarray([1, 2, 3, 4], { minLength: 1 });

    fc.assert(
      fc.property(choice, choice, (sizes, counts) => {
        const swept = planOf(sweep({ [batch]: sizes, [filters]: counts }));

        const alone = sizes.flatMap((size) => counts.map((count) => planOf({ [batch]: size, [filters]: count })));
        expect(swept.trials.map((trial) => trial.id)).toEqual(
          alone.flatMap(({ trials }) => trials.map(({ id }) => id)),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("swept paths that can't be swept", () => {
  test("a path outside the configuration is refused with the sections that are allowed", () => {
    const [issue] = issuesOf(sweep({ "resources.workers": [1, 2] }));

    expect(issue).toMatchObject({ code: "bad-sweep-path", path: ["sweep", "grid", "resources.workers"] });
    expect(issue?.message).toBe('got "resources", but a swept path starts with data, model, training or evaluation');
  });

  test("a misspelt section is corrected", () => {
    expect(issuesOf(sweep({ "trainnig.batchSize": [1, 2] }))[0]?.fix).toBe("did you mean `training.batchSize`?");
  });

  test("a list entry that does not exist is refused", () => {
    expect(problemsOf(sweep({ "model.layers[9].dense.units": [1] }))).toEqual([
      "bad-sweep-path sweep.grid.model.layers[9].dense.units",
    ]);
  });

  test("a field that does not exist is refused once, at the path, with the nearest name", () => {
    const issues = issuesOf(sweep({ "training.optimizer.learningrate": [0.1, 0.2], [batch]: [1, 2] }));

    expect(issues.map(({ code, path }) => ({ code, path }))).toEqual([
      { code: "unknown-key", path: ["sweep", "grid", "training.optimizer.learningrate"] },
    ]);
    expect(issues[0]?.fix).toContain("`learningRate`");
  });

  test("a path inside another swept path is shadowed", () => {
    const [issue] = issuesOf(sweep({ "training.optimizer": [{ type: "sgd" }], [rate]: [0.1] }));

    expect(issue?.code).toBe("shadowed-path");
    expect(issue?.message).toBe(
      `"${rate}" is part of "training.optimizer", which is swept as well: one would overwrite the other`,
    );
  });

  test("neighbouring fields of one map are not shadowed", () => {
    expect(issuesOf(sweep({ [rate]: [0.1], "training.optimizer.beta1": [0.5, 0.9] }))).toEqual([]);
  });

  test("more than 100,000 trials are refused without expanding them", () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    const grid = { [batch]: values, [filters]: values, "training.epochs": values };

    const [issue] = issuesOf(sweep(grid, 2));

    expect(issue?.code).toBe("too-many-trials");
    expect(issue?.message).toBe(
      "the sweep has 2,000,000,000 trials (1000 × 1000 × 1000 configurations × 2 seeds); at most 100,000 are possible",
    );
  });
});

describe("swept values that are wrong", () => {
  test("a value of the wrong type stands at its place in the grid", () => {
    expect(problemsOf(sweep({ [batch]: [10, "fast", 20], [rate]: [0.1, 0.2] }))).toEqual([
      "wrong-type sweep.grid.training.batchSize[1]",
    ]);
  });

  test("a mistake inside a swept map stands inside the value", () => {
    const optimizers = [{ type: "sgd" }, { type: "adam", momentum: 0.9 }];

    expect(problemsOf(sweep({ "training.optimizer": optimizers }))).toEqual([
      "unknown-key sweep.grid.training.optimizer[1].momentum",
    ]);
  });

  test("a value that doesn't fit the rest is named once, whatever it is combined with", () => {
    const issues = issuesOf(sweep({ [batch]: [10, 100_000], [rate]: [0.1, 0.2, 0.3], [filters]: [1, 2] }));

    expect(issues).toHaveLength(1);
    expect(issues[0]?.path).toEqual(["sweep", "grid", batch, 1]);
    expect(issues[0]?.message).toContain("got 100,000, but there are only 54,000 examples");
    expect(issues[0]?.message).toMatch(/ \(with training\.batchSize=100000\)$/);
  });

  test("two values that fit only each other's neighbours are named together", () => {
    const subset = "data.subset.train.first";

    const issues = issuesOf(sweep({ [batch]: [10, 500], [subset]: [100, 60_000], [rate]: [0.1, 0.2] }));

    expect(issues.map((issue) => formatPath(issue.path))).toEqual([`sweep.grid.${batch}[1]`]);
    expect(issues[0]?.message).toMatch(/ \(with training\.batchSize=500, data\.subset\.train\.first=100\)$/);
  });

  test("a value that makes something else wrong is where the problem stands", () => {
    const issues = issuesOf(sweep({ [filters]: [1, 2], "data.subset.train.first": [60_000, 100] }));

    expect(issues.map((issue) => formatPath(issue.path))).toEqual(["sweep.grid.data.subset.train.first[1]"]);
    expect(issues[0]?.message).toMatch(
      /^got 500, but there are only 90 examples .* \(with data\.subset\.train\.first=100\)$/,
    );
  });

  test("a field that is swept over a single value is named as well, unless it has nothing to do with it", () => {
    const [issue, ...others] = issuesOf(sweep({ "data.subset.train.first": [100], [filters]: [4] }));

    expect(others).toEqual([]);
    expect(issue?.code).toBe("batch-too-large");
    expect(issue?.message).toMatch(/ \(with data\.subset\.train\.first=100\)$/);
  });

  test("several values that make the same layer impossible are counted", () => {
    const [issue, ...others] = issuesOf(sweep({ "model.layers[0].conv2d.kernelSize": [3, 29, 31, 40] }));

    expect(others).toEqual([]);
    expect(issue?.path).toEqual(["sweep", "grid", "model.layers[0].conv2d.kernelSize", 1]);
    expect(issue?.message).toMatch(
      /kernel 29×29 .* \(with model\.layers\[0\]\.conv2d\.kernelSize=29 and 2 other values\)$/,
    );
  });

  test("a mistake that no swept value causes stands where it was made", () => {
    const grid = { [rate]: [0.1, 0.2], [filters]: [1, 2] };

    expect(issuesOf({ ...sweep(grid), "model.layers[3].dense.units": 9 })).toEqual(
      issuesOf({ "model.layers[3].dense.units": 9 }),
    );
  });

  test("an optimizer's own parameter is refused for the other optimizer only", () => {
    const changes = { "training.optimizer": { type: "sgd", momentum: 0.9 } };

    const issues = issuesOf({ ...changes, ...sweep({ "training.optimizer.type": ["sgd", "adam"] }) });

    expect(issues.map(({ code, path }) => `${code} ${formatPath(path)}`)).toEqual([
      "unknown-key sweep.grid.training.optimizer.type[1]",
    ]);
    expect(issues[0]?.message).toContain('unknown key "momentum"');
  });

  test("all problems are told at once: of paths, of values and between sections", () => {
    const grid = { "name.x": [1], [batch]: [100_000, 10], [filters]: [0, 4] };

    expect(problemsOf({ ...sweep(grid), "training.checkpoint.everyEpochs": 9 })).toEqual([
      "bad-sweep-path sweep.grid.name.x",
      "out-of-range sweep.grid.model.layers[0].conv2d.filters[0]",
      "batch-too-large sweep.grid.training.batchSize[0]",
      "checkpoint-without-effect training.checkpoint.everyEpochs",
    ]);
  });

  test("too little memory is blamed on the value that takes it", () => {
    const grid = { [rate]: [0.1, 0.2], [filters]: [4, 4000] };

    expect(problemsOf({ ...sweep(grid), "resources.memoryMebibytes": 1000 })).toEqual([
      `memory-too-small sweep.grid.${filters}[1]`,
    ]);
  });
});

test("a large grid with a mistake in every configuration still gives one issue", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  const grid = { [rate]: values.map((value) => value / 1000), [batch]: values };

  const experiment = experimentOf({
    ...sweep(grid),
    "training.keepBest": "validationLoss",
    data: { dataset: "mnist" },
  });

  const result = plan(experiment);
  expect("issues" in result ? result.issues.map((issue) => issue.code) : []).toEqual(["keep-best-without-validation"]);
});
