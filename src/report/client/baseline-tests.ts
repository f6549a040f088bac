import type { ConfigurationTest } from "../../compare/comparison-statistics.ts";
import { rankedSeeds } from "../../compare/ranked-seeds.ts";
import { testRanking } from "../../compare/test-ranking.ts";
import type { ReportData } from "../report-data.ts";
import type { Entry } from "./model.ts";

/** Every ranked configuration against a baseline, by the id of its configuration. */
export type BaselineTests = ReadonlyMap<string, ConfigurationTest>;

/**
 * The tests of all ranked configurations against any of them, by what the comparison is ranked by.
 * @returns none if nothing is ranked, or the baseline isn't
 */
export function testsAgainst({ comparison }: Pick<ReportData, "comparison">, baseline: Entry): BaselineTests {
  const { rankedBy, configurations, trials } = comparison;
  if (rankedBy === undefined) return new Map();
  const { metric } = rankedBy;
  const { configurationId: baselineId } = baseline.row;
  const made = testRanking(rankedSeeds(configurations, trials, metric), { metric, baselineId });
  return new Map(made?.tests.map((test) => [test.configurationId, test]));
}
