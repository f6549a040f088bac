import { describe, expect, test } from "vitest";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { issuesOf, mnist, problemsOf } from "./experiment-of.ts";

const twoClasses = { ...mnist, name: "pairs", classCount: 2, classNames: ["no", "yes"] };
const ending = (units: number, activation: string, loss: YamlValue) => ({
  model: { layers: ["flatten", { dense: { units, activation } }] },
  "training.loss": loss,
});
const activationAt = "model.layers[1].dense.activation";
const logits = (type: string, others: object = {}) => ({ type, fromLogits: true, ...others });

describe("each loss against the last activation", () => {
  const needs = (kind: string) => [`loss-needs-${kind} ${activationAt}`];
  const sparse = "sparseCategoricalCrossentropy";
  const expected: readonly [loss: YamlValue, activation: string, issues: readonly string[]][] = [
    [sparse, "softmax", []],
    [sparse, "sigmoid", needs("probabilities")],
    [sparse, "linear", needs("probabilities")],
    [logits(sparse), "linear", []],
    [logits(sparse), "softmax", needs("logits")],
    [logits(sparse), "sigmoid", needs("logits")],
    [logits(sparse, { allowSoftmaxOutput: true }), "softmax", []],
    [logits(sparse, { allowSoftmaxOutput: true }), "linear", ["conflicting-fields training.loss.allowSoftmaxOutput"]],
    ["meanSquaredError", "softmax", []],
    ["meanSquaredError", "sigmoid", needs("probabilities")],
    ["meanSquaredError", "tanh", needs("probabilities")],
    [logits("meanSquaredError"), "linear", []],
    [logits("meanSquaredError"), "softmax", needs("logits")],
  ];
  test.each(expected)("%j with %s", (loss, activation, issues) => {
    expect(problemsOf(ending(10, activation, loss))).toEqual(issues);
  });

  const binary: readonly [loss: YamlValue, activation: string, issues: readonly string[]][] = [
    ["binaryCrossentropy", "sigmoid", []],
    ["binaryCrossentropy", "softmax", needs("probabilities")],
    ["binaryCrossentropy", "linear", needs("probabilities")],
    [logits("binaryCrossentropy"), "linear", []],
    [logits("binaryCrossentropy"), "sigmoid", needs("logits")],
  ];
  test.each(binary)("%j of two classes with %s", (loss, activation, issues) => {
    expect(problemsOf(ending(1, activation, loss), twoClasses)).toEqual(issues);
  });
});

describe("the binary loss", () => {
  test("of ten classes is refused with what to use instead", () => {
    expect(issuesOf(ending(10, "sigmoid", "binaryCrossentropy"))).toEqual([
      {
        code: "loss-class-count",
        path: ["training", "loss"],
        message: 'got binaryCrossentropy, which tells two classes apart, but the data set "mnist" has 10 classes',
        fix: "use `loss: sparseCategoricalCrossentropy`, and `- dense: {units: 10, activation: softmax}` at the end",
      },
    ]);
  });

  test("needs one output for two classes", () => {
    expect(issuesOf(ending(2, "sigmoid", "binaryCrossentropy"), twoClasses)).toMatchObject([
      {
        message: "layer 2 (dense_1): the network ends with 2 outputs, but the loss binaryCrossentropy needs one",
        fix: "use `units: 1` in the last dense layer",
      },
    ]);
  });

  test("is offered where one output meets two classes", () => {
    const [issue] = issuesOf(ending(1, "sigmoid", "categoricalCrossentropy"), twoClasses);

    expect(issue?.fix).toBe(
      "use `units: 2` in the last dense layer, or `loss: binaryCrossentropy` with one output and `activation: sigmoid`",
    );
  });

  test("that is swept is the one to blame", () => {
    const changes = {
      ...ending(10, "softmax", "sparseCategoricalCrossentropy"),
      "sweep.grid": { "training.loss": ["categoricalCrossentropy", "binaryCrossentropy"] },
    };

    expect(problemsOf(changes)).toContain("loss-class-count sweep.grid.training.loss[1]");
  });
});

test("a loss on top of a softmax, as the published vgg16-mnist-sgd has it, is allowed if it says so", () => {
  const loss = logits("categoricalCrossentropy", { allowSoftmaxOutput: true });

  expect(issuesOf(ending(10, "softmax", loss))).toEqual([]);
});
