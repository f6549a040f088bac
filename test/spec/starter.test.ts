import { expect, test } from "vitest";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { renderStarter } from "../../src/spec/starter.ts";

test("the starter is a valid experiment on real MNIST with two learning rates and three seeds", () => {
  const result = parseExperiment(renderStarter("my-first"), "my-first.yaml");

  expect("experiment" in result && result.experiment.spec).toMatchObject({
    name: "my-first",
    data: { dataset: "mnist" },
    sweep: { grid: { "training.optimizer.learningRate": [0.001, 0.01] }, seeds: [1, 2, 3] },
  });
});

test("every part of the starter is explained and fits on a screen", () => {
  const lines = renderStarter("my-first").split("\n");

  expect(lines.filter((line) => line.includes("#")).length).toBeGreaterThanOrEqual(12);
  expect(lines.length).toBeLessThanOrEqual(50);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
});

test("a name that is not allowed can't break out of its line", () => {
  const result = parseExperiment(renderStarter("a: b\nresources: 3"), "x.yaml");

  expect("issues" in result && result.issues.map(({ path }) => path)).toEqual([["name"]]);
});
