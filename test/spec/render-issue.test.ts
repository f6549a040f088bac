import { expect, test } from "vitest";
import { renderIssue } from "../../src/spec/render-issue.ts";

const issue = {
  code: "wrong-type",
  path: ["sweep", "grid", "training.optimizer.learningRate", 1],
  message: 'got "fast" (string), expected a number > 0',
  fix: "list numbers, e.g. [0.001, 0.01]",
};

test("an issue is written with its place, what is wrong and how to mend it", () => {
  const position = { file: "experiments/mnist-cnn.yaml", line: 14, column: 9 };

  expect(renderIssue({ ...issue, position })).toBe(
    `experiments/mnist-cnn.yaml:14:9  sweep.grid.training.optimizer.learningRate[1]
  got "fast" (string), expected a number > 0
  fix: list numbers, e.g. [0.001, 0.01]`,
  );
});

test("an issue without a position or a path is written without them", () => {
  expect(renderIssue(issue).split("\n")[0]).toBe("sweep.grid.training.optimizer.learningRate[1]");
  expect(renderIssue({ ...issue, path: [], position: { file: "a.yaml", line: 1, column: 1 } }).split("\n")[0]).toBe(
    "a.yaml:1:1",
  );
});

test("control characters from a file never reach the terminal", () => {
  const rendered = renderIssue({ ...issue, path: ["\u001b[2J\nfake.yaml:1:1"], message: "got \u009b31m" });

  expect(rendered).toBe(
    String.raw`\u001b[2J\u000afake.yaml:1:1` + "\n" + String.raw`  got \u009b31m` + `\n  fix: ${issue.fix}`,
  );
});
