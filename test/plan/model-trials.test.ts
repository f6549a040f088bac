import { describe, expect, test } from "vitest";
import type { KnownWeights, WeightsFacts } from "../../src/plan/initial-weights.ts";
import { listInitialWeights, planExperiment } from "../../src/plan/plan-experiment.ts";
import { formatPath } from "../../src/spec/issue.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { code, experimentOf, issuesOf, mnist, planOf, problemsOf } from "./experiment-of.ts";

const dense = (units: number, more: { [key: string]: YamlValue } = {}) => ({ dense: { units, ...more } });
const head = dense(10, { activation: "softmax" });
const idOf = (changes: Readonly<Record<string, YamlValue>>) => planOf(changes).trials[0]?.id;

describe("ids of trials", () => {
  // Made before branches, blocks and penalties were part of the language.
  test("are what they were before the language grew", () => {
    const hidden = dense(20, { activation: "relu", kernelInitializer: "heNormal" });

    expect(planOf({}).planId).toBe("05850506afbcb8ad920e");
    expect(idOf({})).toBe("0e56053f41f9cfb07f43");
    expect(idOf({ "model.layers": ["flatten", hidden, { dropout: { rate: 0.5 } }, head] })).toBe(
      "9761d159da6c6cc6284f",
    );
  });

  test("don't change when a default is written out", () => {
    const layers = (more: { [key: string]: YamlValue }, activation: YamlValue) => [
      "flatten",
      dense(20, { activation, ...more }),
      head,
    ];

    expect(idOf({ "model.layers": layers({ trainable: true }, { type: "leakyRelu", negativeSlope: 0.2 }) })).toBe(
      idOf({ "model.layers": layers({}, "leakyRelu") }),
    );
  });

  test.each<[string, { [key: string]: YamlValue }]>([
    ["a penalty", { kernelRegularizer: { l2: 0.1 } }],
    ["freezing", { trainable: false }],
    ["a slope", { activation: { type: "leakyRelu", negativeSlope: 0.3 } }],
  ])("change with %s", (_, more) => {
    expect(idOf({ "model.layers": ["flatten", dense(20, more), head] })).not.toBe(
      idOf({ "model.layers": ["flatten", dense(20), head] }),
    );
  });

  test("change with connections alone", () => {
    const conv = { conv2d: { filters: 1, kernelSize: 3, padding: "same" } };
    const around = (layers: YamlValue[], rest: YamlValue[]) =>
      idOf({ "model.layers": [{ residual: { layers } }, ...rest, "flatten", head] });

    expect(around([conv, { dropout: { rate: 0.5 } }], [])).not.toBe(around([conv], [{ dropout: { rate: 0.5 } }]));
  });
});

describe("a sweep into blocks", () => {
  const model: YamlValue = {
    blocks: {
      vgg: {
        params: ["n", "filters"],
        layers: [
          { repeat: { times: "$n", layers: [{ conv2d: { filters: "$filters", kernelSize: 3, padding: "same" } }] } },
          { maxPooling2d: { poolSize: 2 } },
        ],
      },
    },
    layers: [{ vgg: { n: 1, filters: 4 } }, "flatten", head],
  };

  test("reaches arguments", () => {
    const { models } = planOf({ model, "sweep.grid": { "model.layers[0].vgg.filters": [4, 8] } });

    expect(models.map(({ layers }) => layers[0]?.outputShape)).toEqual([
      [28, 28, 4],
      [28, 28, 8],
    ]);
  });

  test("reaches the block's own lines", () => {
    const { models } = planOf({
      model,
      "sweep.grid": { "model.blocks.vgg.layers[1].maxPooling2d.poolSize": [2, 4] },
    });

    expect(models.map(({ layers }) => layers[1]?.outputShape)).toEqual([
      [14, 14, 4],
      [7, 7, 4],
    ]);
  });

  test("places what is wrong at the swept value", () => {
    const issues = issuesOf({ model, "sweep.grid": { "model.layers[0].vgg.filters": [4, 0, "many"] } });

    expect(issues.map(({ path }) => formatPath(path))).toEqual([
      "sweep.grid.model.layers[0].vgg.filters[1]",
      "sweep.grid.model.layers[0].vgg.filters[2]",
    ]);
    expect(issues[0]?.message).toContain("got 0 (number), expected a whole number ≥ 1");
  });

  test("names the value with which a layer in the block doesn't fit", () => {
    const [issue] = issuesOf({
      model,
      "sweep.grid": { "model.blocks.vgg.layers[1].maxPooling2d.poolSize": [2, 40] },
    });

    expect(formatPath(issue?.path ?? [])).toBe("sweep.grid.model.blocks.vgg.layers[1].maxPooling2d.poolSize[1]");
  });
});

describe("a model without anything to train is refused", () => {
  test("if it has no weights", () => {
    const layers = ["flatten", { activation: { activation: "softmax" } }];

    expect(problemsOf({ "model.layers": layers }, { ...mnist, classCount: 784 })).toEqual([
      "nothing-to-train model.layers",
    ]);
  });

  test("if every layer is frozen", () => {
    const [issue] = issuesOf({ "model.layers": ["flatten", dense(10, { activation: "softmax", trainable: false })] });

    expect(issue?.message).toContain("every layer with weights is frozen");
  });
});

describe("the last layers of a network", () => {
  test("are followed through a residual's sum", () => {
    const logits = { "training.loss": { type: "sparseCategoricalCrossentropy", fromLogits: true } };
    const layers = ["flatten", dense(10), { residual: { layers: [dense(10, { activation: "relu" })] } }];

    expect(problemsOf({ "model.layers": layers, ...logits })).toEqual([]);
    expect(problemsOf({ "model.layers": layers })).toEqual(["loss-needs-probabilities model.layers[2]"]);
  });

  test("may not be noise", () => {
    expect(problemsOf({ "model.layers": ["flatten", head, { gaussianNoise: { stddev: 1 } }] })).toEqual([
      "noise-at-end model.layers[2]",
    ]);
  });
});

describe("initial weights", () => {
  const facts: WeightsFacts = {
    sha256: "b".repeat(64),
    tensors: [
      { name: "conv2d_1/kernel", shape: [3, 3, 1, 8] },
      { name: "conv2d_1/bias", shape: [8] },
      { name: "dense_1/kernel", shape: [1352, 10] },
      { name: "dense_1/bias", shape: [10] },
    ],
  };

  function planWith(initialWeights: YamlValue, weights: WeightsFacts = facts, changes = {}) {
    const experiment = experimentOf({ "model.initialWeights": initialWeights, ...changes });
    const known: KnownWeights[] = listInitialWeights(experiment).map(({ spec }) => ({ spec, weights }));
    return planExperiment(experiment, [{ spec: "mnist", dataset: mnist }], code, known);
  }
  const planned = (...given: Parameters<typeof planWith>) => {
    const result = planWith(...given);
    if ("issues" in result) throw new Error(JSON.stringify(result.issues, null, 2));
    return result.plan;
  };
  const refused = (...given: Parameters<typeof planWith>) => {
    const result = planWith(...given);
    return "issues" in result ? result.issues : [];
  };
  const file = "w.safetensors";

  test("that fit are part of the plan and, by what they are, of the trial's id", () => {
    const plan = planned({ file });
    const other = { ...facts, sha256: "c".repeat(64) };

    expect(plan.models[0]?.initialWeights).toEqual({
      spec: { file },
      sha256: facts.sha256,
      layers: ["conv2d_1", "dense_1"],
    });
    expect(planned({ file: "elsewhere.safetensors" }).planId).toBe(plan.planId);
    expect(planned({ trial: "sample" }, { ...facts, trialKey: "x" }).planId).toBe(plan.planId);
    expect(planned({ file }, other).planId).not.toBe(plan.planId);
    expect(planned({ file, exclude: ["dense_1"] }).planId).not.toBe(plan.planId);
    expect(planOf({}).planId).not.toBe(plan.planId);
  });

  test("of another shape are refused with both shapes and what to exclude", () => {
    expect(refused({ file }, facts, { "model.layers[0].conv2d.filters": 4 })).toEqual([
      {
        code: "weights-mismatch",
        path: ["model", "initialWeights", "file"],
        message:
          "w.safetensors: conv2d_1/kernel is 3×3×1×8, the model needs 3×3×1×4; conv2d_1/bias is 8, the model needs 4; dense_1/kernel is 1352×10, the model needs 676×10",
        fix: "use `exclude: [conv2d_1, dense_1]`, or give the layer the name and shape that it has there",
      },
    ]);
  });

  test("without a layer of the model are refused, unless it is excluded or only others are included", () => {
    const changes = { "model.layers[3].dense.name": "head" };

    expect(refused({ file }, facts, changes).map(({ message }) => message)).toEqual([
      "w.safetensors: there are no weights of the layer head; its layers are conv2d_1, dense_1",
    ]);
    expect(planned({ file, exclude: ["head"] }, facts, changes).models[0]?.initialWeights?.layers).toEqual([
      "conv2d_1",
    ]);
    expect(planned({ file, include: ["conv2d_1"] }, facts, changes).models[0]?.initialWeights?.layers).toEqual([
      "conv2d_1",
    ]);
  });

  test("without one tensor of a layer are refused", () => {
    const tensors = facts.tensors.filter(({ name }) => name !== "dense_1/bias");

    expect(refused({ file }, { ...facts, tensors })[0]?.message).toBe("w.safetensors: there is no dense_1/bias");
  });

  test("for a layer that is not there are refused with the nearest name", () => {
    expect(refused({ file, exclude: ["dens_1"] })).toMatchObject([
      { path: ["model", "initialWeights", "exclude", 0], fix: "did you mean `dense_1`?" },
    ]);
  });

  test("that no layer would take are refused", () => {
    expect(refused({ file, exclude: ["conv2d_1", "dense_1"] })[0]?.code).toBe("weights-without-effect");
  });

  test("can be swept, frozen or not, with and without", () => {
    const plan = planned({ file }, facts, {
      "sweep.grid": {
        "model.initialWeights": [{ file }, { file, exclude: ["dense_1"] }],
        "model.layers[0].conv2d.trainable": [true, false],
      },
    });

    expect(plan.models.map((model) => [model.initialWeights?.layers.length, model.nonTrainableCount])).toEqual([
      [2, undefined],
      [2, 80],
      [1, undefined],
      [1, 80],
    ]);
  });
});
