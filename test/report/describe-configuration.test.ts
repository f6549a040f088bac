import { describe, expect, test } from "vitest";
import { columnLabels, describeConfiguration } from "../../src/report/describe-configuration.ts";

describe("short names of swept paths", () => {
  test("a path is called by its last part", () => {
    expect(columnLabels(["training.optimizer.learningRate", "model"]).get("training.optimizer.learningRate")).toBe(
      "learningRate",
    );
  });

  test("paths that end alike keep as many parts as tell them apart", () => {
    const labels = columnLabels(["training.batchSize", "evaluation.batchSize", "size"]);

    expect([...labels.values()]).toEqual(["training.batchSize", "evaluation.batchSize", "size"]);
  });

  test("a path that is the end of another one stays whole, the other is longer", () => {
    expect([...columnLabels(["rate", "a.rate"]).values()]).toEqual(["rate", "a.rate"]);
  });
});

describe("a configuration in words", () => {
  test("texts speak for themselves, numbers and claims are named", () => {
    const values = { model: "lenet5", "training.optimizer.learningRate": 0.001, "training.shuffle": false };

    expect(describeConfiguration(values, Object.keys(values))).toBe("lenet5 · learningRate 0.001 · shuffle false");
  });

  test("leaves out what the configurations share", () => {
    expect(describeConfiguration({ model: "lenet5", "training.epochs": 5 }, ["model"])).toBe("lenet5");
  });

  test("without differences it is the only one", () => {
    expect(describeConfiguration({}, [])).toBe("the only configuration");
  });
});
