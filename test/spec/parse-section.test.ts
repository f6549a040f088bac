import { expect, test } from "vitest";
import { formatPath, type ExperimentIssue } from "../../src/spec/issue.ts";
import { parseSection, type ParsedSection, type SectionName } from "../../src/spec/parse-section.ts";

function issuesOf(result: ParsedSection<SectionName>): readonly string[] {
  const issues: readonly ExperimentIssue[] = "issues" in result ? result.issues : [];
  return issues.map(({ code, path }) => `${formatPath(path)} ${code}`);
}

test("a section is checked alone and gets its defaults", () => {
  const result = parseSection("training", { steps: 100, optimizer: { type: "sgd", momentum: 0.9 } });

  expect("value" in result && result.value.optimizer).toEqual({
    type: "sgd",
    learningRate: 0.01,
    momentum: 0.9,
    nesterov: false,
  });
});

test("the issues of a section have paths from the top of the document and no positions", () => {
  const result = parseSection("model", { layers: [{ conv2d: { filters: "8", kernelSize: 3 } }] });

  expect(issuesOf(result)).toEqual(["model.layers[0].conv2d.filters wrong-type"]);
  expect("issues" in result && result.issues[0]?.position).toBeUndefined();
});

test("a section that may be left out has its default, one that may not is missing", () => {
  expect(parseSection("evaluation", undefined)).toEqual({ value: { test: "end", batchSize: 500 } });
  expect(issuesOf(parseSection("data", undefined))).toEqual(["data missing-key"]);
});

test.each([
  ["training", { epochs: 1, steps: 1 }, "training.steps conflicting-fields"],
  ["training", {}, "training missing-budget"],
  [
    "training",
    { epochs: 1, optimizer: { type: "sgd", nesterov: true } },
    "training.optimizer.nesterov conflicting-fields",
  ],
  ["training", { epochs: Number.NaN }, "training.epochs wrong-value"],
  ["data", { dataset: { format: "idx", folder: "x", labels: "fine" } }, "data.dataset.labels conflicting-fields"],
  [
    "model",
    {
      layers: [
        {
          repeat: {
            times: 2,
            layers: [{ conv2d: { filters: 1, kernelSize: 3, strides: [1, 2], dilationRate: [2, 1] } }],
          },
        },
      ],
    },
    "model.layers[0].repeat.layers[0].conv2d.dilationRate conflicting-fields",
  ],
  ["model", [], "model wrong-type"],
  ["evaluation", null, "evaluation wrong-type"],
] as const)("rules between fields of a section hold: %s %j", (section, value, issue) => {
  expect(issuesOf(parseSection(section, value))).toEqual([issue]);
});

test.each([
  { epochs: 1, checkpoint: {} },
  { epochs: 1, checkpoint: { keep: 3 } },
  { epochs: 1, optimizer: { type: "sgd", nesterov: true, momentum: 0.1 } },
  { epochs: 1, optimizer: { learningRate: 1 } },
])("training may be %j", (training) => {
  expect(issuesOf(parseSection("training", training))).toEqual([]);
});

test("10,000 sections of a sweep are checked in a moment", () => {
  const start = performance.now();
  for (let index = 1; index <= 10_000; index++)
    parseSection("training", { epochs: 5, optimizer: { type: "adam", learningRate: index / 10_000 } });

  expect(performance.now() - start).toBeLessThan(2000);
});
