import { describe, expect, test } from "vitest";
import { durationSchema, durationSeconds } from "../../src/spec/schema/duration.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";

const experiment = `name: small
data: {dataset: mnist}
model: {layers: [flatten, {dense: {units: 10, activation: softmax}}]}
training: {epochs: 1}
`;

describe("a time span", () => {
  test.each([
    ["45s", 45],
    ["90m", 5400],
    ["2h", 7200],
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["1d", 86_400],
    ["0.5s", 0.5],
  ])("%s is %d seconds", (text, seconds) => {
    expect(durationSchema.safeParse(text).success).toBe(true);
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each(["", "90", "fast", "0h", "-1h", "1h 30m", "2 hours", "1w"])("%j is none", (text) => {
    expect(durationSchema.safeParse(text).success).toBe(false);
  });
});

describe("the section run", () => {
  test("may be left out, and then is not there", () => {
    const parsed = parseExperiment(experiment, "small.yaml");

    expect("experiment" in parsed && parsed.experiment.spec).not.toHaveProperty("run");
  });

  test("says where a time span is wrong and what is expected", () => {
    const parsed = parseExperiment(`${experiment}run: {trialTimeLimit: fast, maxFailure: 3}\n`, "small.yaml");
    const issues = "issues" in parsed ? parsed.issues : [];

    expect(issues.map(({ message, position }) => [position?.line, message])).toEqual([
      [5, expect.stringMatching(/"fast".*time span.*90m/)],
      [5, expect.stringMatching(/maxFailure/)],
    ]);
    expect(JSON.stringify(issues)).toContain("maxFailures");
  });
});
