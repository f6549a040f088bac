import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { verdictOf } from "../../src/report/verdict-of.ts";
import { sampleRecords, type SampleOptions } from "./sample-records.ts";

describe("the verdict", () => {
  test("names the leader, its test accuracy, and how far the next one is behind", () => {
    expect(verdict()).toMatch(
      /^lenet5 · learningRate 0\.001 leads with validation accuracy \d\d\.\d\d % ± \d\.\d\d over 3 seeds; test accuracy \d\d\.\d\d % ± \d\.\d\d\. lenet5 · learningRate 0\.01 is \d\.\d\d percentage points behind in validation accuracy; the 95 % intervals don't overlap\.$/,
    );
  });

  test("does not call a difference of single seeds more than it is", () => {
    expect(verdict({ seeds: [1], hasFailure: false })).toMatch(/one seed each can't tell this from luck\.$/);
  });

  test("of a single configuration is its test accuracy", () => {
    expect(verdict({ configurationCount: 1, hasFailure: false })).toMatch(
      /^Test accuracy \d\d\.\d\d % ± \d\.\d\d over 3 seeds\.$/,
    );
  });

  test("of overlapping intervals says that the order may be luck", () => {
    const comparison = compareRun(sampleRecords());
    const configurations = comparison.configurations.map((row) => {
      const { validationAccuracy } = row.metrics;
      if (!validationAccuracy) return row;
      return {
        ...row,
        metrics: { ...row.metrics, validationAccuracy: { ...validationAccuracy, interval: { low: 0, high: 1 } } },
      };
    });

    expect(verdictOf({ ...comparison, configurations })).toMatch(
      /intervals overlap, so the order of the two may be luck\.$/,
    );
  });

  test("of a run whose only trial failed says so", () => {
    expect(verdict({ seeds: [1], configurationCount: 1 })).toBe("The only trial failed.");
  });
});

function verdict(sample: SampleOptions = {}): string {
  return verdictOf(compareRun(sampleRecords(sample)));
}
