import { describe, expect, test } from "vitest";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { issuesOf, mnist, planOf, problemsOf } from "./experiment-of.ts";

const dense = (units: number, activation = "linear") => ({ dense: { units, activation } });
const modelOf = (...last: readonly YamlValue[]) => ({ model: { layers: ["flatten", ...last] } });
const logits = { type: "sparseCategoricalCrossentropy", fromLogits: true };

test("the sample experiment is right", () => {
  expect(issuesOf({})).toEqual([]);
});

describe("the network's outputs against the classes", () => {
  test("another number of outputs is refused at the last dense layer", () => {
    expect(issuesOf({ "model.layers[3].dense.units": 9 })).toEqual([
      {
        code: "class-count",
        path: ["model", "layers", 3, "dense", "units"],
        message: 'layer 4 (dense_1): the network ends with 9 outputs, but the data set "mnist" has 10 classes',
        fix: "use `units: 10` in the last dense layer",
      },
    ]);
  });

  test("an activation of its own behind the last dense layer changes nothing", () => {
    expect(problemsOf(modelOf(dense(10), { activation: { activation: "softmax" } }))).toEqual([]);
    expect(problemsOf(modelOf(dense(9), { activation: { activation: "softmax" } }))).toEqual([
      "class-count model.layers[1].dense.units",
    ]);
  });

  test("a network that ends with an image is told what to put at its end", () => {
    const conv = { conv2d: { filters: 10, kernelSize: 3, activation: "softmax" } };
    const [issue] = issuesOf({ model: { layers: [conv] } });

    expect(issue?.message).toContain("the network ends with an image of 26×26×10");
    expect(issue?.fix).toBe("put `- flatten` and `- dense: {units: 10, activation: softmax}` at the end");
  });

  test("a convolution down to one pixel with a filter per class is allowed", () => {
    const conv = { conv2d: { filters: 10, kernelSize: 28, activation: "softmax" } };

    expect(issuesOf({ model: { layers: [conv, "flatten"] } })).toEqual([]);
  });

  test("the outputs are checked although a layer before doesn't fit", () => {
    expect(problemsOf({ "model.layers[0].conv2d.kernelSize": 29, "model.layers[3].dense.units": 9 })).toEqual([
      "shape-mismatch model.layers[0]",
      "class-count model.layers[3].dense.units",
    ]);
  });
});

describe("the loss against the last activation", () => {
  test("probabilities and a softmax fit, logits and none fit", () => {
    expect(problemsOf(modelOf(dense(10, "softmax")))).toEqual([]);
    expect(problemsOf({ ...modelOf(dense(10)), "training.loss": logits })).toEqual([]);
  });

  test("a loss on probabilities refuses a network without softmax and offers both ways out", () => {
    expect(issuesOf(modelOf(dense(10)))).toEqual([
      {
        code: "loss-needs-probabilities",
        path: ["model", "layers", 1, "dense", "activation"],
        message:
          'layer 2 (dense_1): the network ends with activation "linear", but the loss sparseCategoricalCrossentropy expects probabilities',
        fix: "use `activation: softmax` there, or say that it gives logits: `training.loss: {type: sparseCategoricalCrossentropy, fromLogits: true}`",
      },
    ]);
  });

  test.each(["sigmoid", "relu", "tanh"])("%s at the end is refused with either loss", (activation) => {
    const model = modelOf(dense(10, activation));

    expect(problemsOf(model)).toEqual(["loss-needs-probabilities model.layers[1].dense.activation"]);
    expect(problemsOf({ ...model, "training.loss": logits })).toEqual([
      "loss-needs-logits model.layers[1].dense.activation",
    ]);
  });

  test("sigmoid is told why it is no substitute for softmax", () => {
    expect(issuesOf(modelOf(dense(10, "sigmoid")))[0]?.message).toContain("whose numbers don't add up to 1");
  });

  test("a softmax with a loss from logits is refused with both ways out", () => {
    const [issue] = issuesOf({ ...modelOf(dense(10, "softmax")), "training.loss": logits });

    expect(issue?.code).toBe("loss-needs-logits");
    expect(issue?.fix).toBe(
      "use `activation: linear` there, or say that it gives probabilities: `training.loss: sparseCategoricalCrossentropy`",
    );
  });

  test("the last activation that changes values counts, wherever it stands", () => {
    const softmax = { activation: { activation: "softmax" } };
    const linear = { activation: { activation: "linear" } };
    const relu = { activation: { activation: "relu" } };

    expect(problemsOf(modelOf(dense(10), softmax, linear))).toEqual([]);
    expect(problemsOf(modelOf(dense(10), softmax, relu))).toEqual([
      "loss-needs-probabilities model.layers[3].activation.activation",
    ]);
  });

  test("a softmax inside the network is allowed", () => {
    expect(problemsOf(modelOf(dense(20, "softmax"), dense(10, "softmax")))).toEqual([]);
  });

  test("dropout as the last layer is refused", () => {
    expect(problemsOf(modelOf(dense(10, "softmax"), { dropout: { rate: 0.5 } }))).toEqual([
      "dropout-at-end model.layers[2]",
    ]);
  });
});

describe("the split of the examples", () => {
  test("the last examples are held out, rounded up as Keras does", () => {
    const countsOf = (first: number, fraction: number) => {
      const changes = {
        "data.subset.train.first": first,
        "data.validation.fraction": fraction,
        "training.batchSize": 1,
      };
      const [data] = planOf(changes).data;
      return [data?.trainCount, data?.validationCount];
    };

    expect(countsOf(60_000, 0.2)).toEqual([48_000, 12_000]);
    expect(countsOf(10, 0.25)).toEqual([7, 3]);
    expect(countsOf(100, 0.07)).toEqual([93, 7]);
    expect(countsOf(10, 0.9)).toEqual([1, 9]);
  });

  test("a subset larger than the data set is told how many there are", () => {
    const issues = issuesOf({ "data.subset.train.first": 60_001, "data.subset.test.first": 10_001 });

    expect(issues.map((issue) => issue.message)).toEqual([
      'got 60,001, but the data set "mnist" has 60,000 training examples',
      'got 10,001, but the data set "mnist" has 10,000 test examples',
    ]);
  });

  test("a fraction that holds nothing out, or everything, is refused", () => {
    const withFirst = (first: number, fraction: number) =>
      issuesOf({ "data.subset.train.first": first, "data.validation.fraction": fraction, "training.batchSize": 1 });

    expect(withFirst(10, 1e-9).map((issue) => issue.message)).toEqual([
      "1e-9 of 10 training examples is not even one for validation",
    ]);
    expect(withFirst(10, 0.95).map((issue) => issue.message)).toEqual([
      "0.95 of 10 training examples leaves none to learn from",
    ]);
  });
});

describe("the training against its data", () => {
  test("a batch of all training examples is allowed, a larger one refused", () => {
    expect(problemsOf({ "training.batchSize": 54_000 })).toEqual([]);
    expect(issuesOf({ "training.batchSize": 54_001 })).toEqual([
      {
        code: "batch-too-large",
        path: ["training", "batchSize"],
        message: "got 54,001, but there are only 54,000 examples to learn from (6,000 are held out for validation)",
        fix: "use at most 54000",
      },
    ]);
  });

  test("keepBest needs validation", () => {
    const data = { dataset: "mnist" };

    expect(problemsOf({ "training.keepBest": "validationAccuracy" })).toEqual([]);
    expect(problemsOf({ data, "training.keepBest": "validationAccuracy" })).toEqual([
      "keep-best-without-validation training.keepBest",
    ]);
  });

  test("a step schedule must drop before the training is over", () => {
    const withSchedule = (everyEpochs: number, training: object = {}) =>
      problemsOf({
        training: { epochs: 3, batchSize: 500, ...training, learningRateSchedule: { type: "step", everyEpochs } },
      });
    const refused = ["schedule-without-effect training.learningRateSchedule.everyEpochs"];

    expect(withSchedule(2)).toEqual([]);
    expect(withSchedule(3)).toEqual(refused);
    expect(withSchedule(1, { epochs: undefined, steps: 109 })).toEqual([]);
    expect(withSchedule(1, { epochs: undefined, steps: 108 })).toEqual(refused);
  });

  test("a checkpoint must be written before or at the end of the training", () => {
    expect(problemsOf({ "training.checkpoint": { everyEpochs: 3, everySteps: 324 } })).toEqual([]);
    expect(problemsOf({ "training.checkpoint": { everySeconds: 1e6, keep: 3 } })).toEqual([]);
    expect(problemsOf({ "training.checkpoint": { everySeconds: 60, keep: "all" } })).toEqual([
      "checkpoints-without-number training.checkpoint.keep",
    ]);
    expect(problemsOf({ "training.checkpoint": { everyEpochs: 4, everySteps: 325 } })).toEqual([
      "checkpoint-without-effect training.checkpoint.everyEpochs",
      "checkpoint-without-effect training.checkpoint.everySteps",
    ]);
  });

  test("more steps than can be counted are refused", () => {
    const training = { batchSize: 500, steps: 2 ** 31 };

    expect(problemsOf({ training })).toEqual(["budget-too-large training.steps"]);
    expect(problemsOf({ "training.epochs": Number.MAX_SAFE_INTEGER })).toEqual(["budget-too-large training.epochs"]);
  });
});

describe("the memory that a worker may use", () => {
  test("an estimate above it is refused with its parts", () => {
    const [issue] = issuesOf({ "resources.memoryMebibytes": 100 });

    expect(issue?.code).toBe("memory-too-small");
    expect(issue?.message).toMatch(
      /^got 100, but a worker needs about \d+ MiB \(weights and optimizer 1, layer outputs of a batch \d+, data set 53, prepared images 2, process 135\)$/,
    );
  });

  test("an estimate below it is allowed", () => {
    expect(issuesOf({ "resources.memoryMebibytes": 4096 })).toEqual([]);
  });

  test("counts the training images that an engine keeps for several steps a call", () => {
    const [issue] = issuesOf({ resources: { memoryMebibytes: 250, stepsPerCall: 8 } });

    // 54,000 images of 28·28 float32.
    expect(issue?.message).toContain("training images for several steps a call 162)");
    expect(issuesOf({ resources: { memoryMebibytes: 250, stepsPerCall: 1 } })).toEqual([]);
  });
});

test("the facts of another data set are what is checked against", () => {
  const tiny = { ...mnist, name: "tiny", imageShape: [2, 2, 1] as const, classCount: 3, trainExamples: 50 };

  expect(problemsOf({}, tiny)).toEqual([
    "shape-mismatch model.layers[0]",
    "class-count model.layers[3].dense.units",
    "batch-too-large training.batchSize",
  ]);
});

describe("the top-k accuracy against the classes", () => {
  test("a k below the number of classes is right", () => {
    expect(problemsOf({ "evaluation.topK": 9 })).toEqual([]);
  });

  test("the number of classes and more is refused, because the true class is always among them", () => {
    expect(issuesOf({ "evaluation.topK": 10 })).toEqual([
      {
        code: "top-k-too-large",
        path: ["evaluation", "topK"],
        message: 'got 10, but the data set "mnist" has 10 classes: the true one is always among 10',
        fix: "use at most 9, or remove `topK`",
      },
    ]);
  });
});
