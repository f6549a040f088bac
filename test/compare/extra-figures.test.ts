import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { leaderboardData, leaderboardTable } from "../../src/report/leaderboard-table.ts";
import { runRecordsOf } from "./run-records-of.ts";

const figures = (brierScore: number, topKAccuracies: readonly number[]) => ({
  testFigures: {
    weightedF1: 0.5,
    cohensKappa: 0.4,
    logLoss: 1.5,
    brierScore,
    expectedCalibrationError: 0.1,
    topKAccuracies,
  },
});

describe("figures beyond loss, accuracy and F1", () => {
  const records = runRecordsOf([{ seeds: [figures(0.3, [0.5, 0.75, 1]), figures(0.1, [0.5, 1, 1])] }]);

  test("are summarised over seeds; the best Brier score is the lowest", () => {
    const { metrics } = compareRun(records).configurations[0] ?? {};

    expect(metrics?.testBrierScore).toMatchObject({ mean: 0.2, best: { seed: 2 }, worst: { seed: 1 } });
    expect(metrics?.testCohensKappa?.mean).toBe(0.4);
    expect(metrics?.testTopK).toBeUndefined();
  });

  test("include the top-k accuracy that was asked for", () => {
    const comparison = compareRun(records, { topK: 2 });

    expect(comparison.topK).toBe(2);
    expect(comparison.configurations[0]?.metrics.testTopK).toMatchObject({ mean: 0.875, best: { seed: 2 } });
  });

  test("include the top-k accuracy that the experiment names", () => {
    const evaluations = [{ test: "end" as const, batchSize: 500, topK: 3 }];

    const comparison = compareRun({ ...records, plan: { ...records.plan, evaluations } });

    expect(comparison.configurations[0]?.metrics.testTopK?.mean).toBe(1);
  });

  test("are shown to people on request, the top-k accuracy with its k; scripts get all", () => {
    const comparison = compareRun(records, { topK: 2 });

    const labels = (which: "usual" | "all") => leaderboardTable(comparison, which).columns.map(({ label }) => label);
    expect(labels("usual")).toContain("test top-2 accuracy");
    expect(labels("usual")).not.toContain("test kappa");
    expect(labels("all")).toContain("test kappa");
    expect(leaderboardData(comparison).columns.map(({ key }) => key)).toContain("testCalibrationErrorMean");
  });

  test("are absent if a seed was tested by a version that didn't compute them", () => {
    const mixed = runRecordsOf([{ seeds: [figures(0.3, [0.5]), {}] }]);

    const { metrics } = compareRun(mixed).configurations[0] ?? {};
    expect(metrics?.testBrierScore).toBeUndefined();
    expect(metrics?.testAccuracy?.count).toBe(2);
  });
});
