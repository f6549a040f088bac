import { expect } from "vitest";
import { formatPath } from "../../src/spec/issue.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { takeMarks, writeExperiment } from "./written-experiment.ts";

/** A mistake: its name, the section it is in with ▶ where the issue must point to, and the issue. */
export type Mistake = readonly [
  name: string,
  section: string,
  yaml: string,
  path: string,
  message: string,
  fix: string,
];

/** Expects that an otherwise valid experiment with a mistake has this one issue; without ▶ in line 1, column 1. */
export function expectMistake([section, yaml, path, message, fix]: readonly string[]): void {
  const { text, marks } = takeMarks(writeExperiment({ [section ?? ""]: yaml ?? "" }));

  const result = parseExperiment(text, "cnn.yaml");

  const found = "issues" in result ? result.issues : [];
  expect(
    found.map((issue) => ({ ...issue, code: "", path: formatPath(issue.path), docs: undefined, end: undefined })),
  ).toEqual([
    { code: "", path, message, fix, position: { file: "cnn.yaml", ...(marks[0] ?? { line: 1, column: 1 }) } },
  ]);
}
