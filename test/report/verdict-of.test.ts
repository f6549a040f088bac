import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { verdictOf } from "../../src/report/verdict-of.ts";
import { sampleRecords, type SampleOptions } from "./sample-records.ts";

describe("the verdict", () => {
  test("names the leader, its test accuracy, and how far the next one is behind", () => {
    expect(verdict()).toMatch(
      /^lenet5 · learningRate 0\.001 leads with validation accuracy \d\d\.\d\d % ± \d\.\d\d over 3 seeds; test accuracy \d\d\.\d\d % ± \d\.\d\d\. lenet5 · learningRate 0\.01 is \d\.\d\d percentage points behind in validation accuracy; that is more than luck explains \(Welch’s test, p = [\d.]+, adjusted\)\.$/,
    );
  });

  test("does not call a difference of single seeds more than it is", () => {
    expect(verdict({ seeds: [1], hasFailure: false })).toMatch(
      /a single seed has no spread to compare the difference with\.$/,
    );
  });

  test("of a single configuration is its test accuracy", () => {
    expect(verdict({ configurationCount: 1, hasFailure: false })).toMatch(
      /^Test accuracy \d\d\.\d\d % ± \d\.\d\d over 3 seeds\.$/,
    );
  });

  test("of a difference that isn't significant says that the order may be luck", () => {
    const { tests, ...comparison } = compareRun(sampleRecords());
    const notDifferent = tests && { ...tests, tests: tests.tests.map((test) => ({ ...test, isDifferent: false })) };

    expect(verdictOf({ ...comparison, ...(notDifferent && { tests: notDifferent }) })).toMatch(
      /the order of the two may be luck \(Welch’s test, p = [\d.]+, adjusted\)\.$/,
    );
  });

  test("against another baseline doesn't say what was not tested", () => {
    const records = sampleRecords();
    const baselineId = compareRun(records).configurations[2]?.configurationId;

    expect(verdictOf(compareRun(records, baselineId === undefined ? {} : { baselineId }))).toMatch(
      /the two were not tested against each other\.$/,
    );
  });

  test("of a run whose only trial failed says so", () => {
    expect(verdict({ seeds: [1], configurationCount: 1 })).toBe("The only trial failed.");
  });
});

function verdict(sample: SampleOptions = {}): string {
  return verdictOf(compareRun(sampleRecords(sample)));
}
