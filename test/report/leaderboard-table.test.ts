import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { leaderboardData, leaderboardTable } from "../../src/report/leaderboard-table.ts";
import { renderCsv } from "../../src/report/render-csv.ts";
import { renderTextTable } from "../../src/report/render-text-table.ts";
import { sampleRecords } from "./sample-records.ts";

const comparison = compareRun(sampleRecords());

describe("the leaderboard as a table", () => {
  test("for scripts has the full numbers of every configuration", () => {
    const table = leaderboardData(comparison);

    const [first] = comparison.configurations;
    expect(table.rows).toHaveLength(4);
    expect(table.rows[0]).toMatchObject({
      rank: 1,
      model: "lenet5",
      "training.optimizer.learningRate": 0.001,
      seeds: 3,
      testAccuracyMean: first?.metrics.testAccuracy?.mean,
      testAccuracySd: first?.metrics.testAccuracy?.sd,
      testAccuracyLow95: first?.metrics.testAccuracy?.interval?.low,
    });
    expect(renderCsv(table).split("\r\n")[1]).toContain(String(first?.metrics.testAccuracy?.mean));
  });

  test("for people has mean ± sd and how many seeds are finished", () => {
    const text = renderTextTable(leaderboardTable(comparison));

    const last = text.trimEnd().split("\n").at(-1);
    expect(text.split("\n")[0]).toMatch(/model +learningRate/);
    expect(last).toMatch(/^–  c0nf1100 +mlp +0\.01 .* 2\/3 +95\.\d\d % ± 0\.\d\d/);
  });
});
