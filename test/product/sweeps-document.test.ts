import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderIssue } from "../../src/spec/render-issue.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import { plan } from "../plan/experiment-of.ts";
import { writeExperiment } from "../spec/written-experiment.ts";

const text = readFileSync(new URL("../../docs/sweeps.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");

test.each(examples)("docs/sweeps.md shows a sweep that can be planned: %s", (sweep) => {
  const training = "training:\n  epochs: 5\n  optimizer: { type: adam }";
  const parsed = parseExperiment(writeExperiment({ training, sweep }), "sweeps.md");
  if ("issues" in parsed) throw new Error(parsed.issues.map(renderIssue).join("\n"));

  const planned = plan(parsed.experiment);

  expect("issues" in planned ? locateIssues(planned.issues, parsed.source).map(renderIssue) : []).toEqual([]);
});
