import type { Comparison } from "../compare/comparison.ts";
import { leaderboardData, leaderboardTable } from "../report/leaderboard-table.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import { verdictOf } from "../report/verdict-of.ts";
import type { CommandResult } from "./output.ts";

/**
 * The comparison of a run as a command's result.
 * @param which the figures that people see; scripts always get all
 */
export function comparisonResult(comparison: Comparison, which: "usual" | "all" = "usual"): CommandResult {
  return {
    json: comparison,
    table: leaderboardData(comparison),
    paperTable: leaderboardTable(comparison, which),
    human: () => renderComparison(comparison, which),
  };
}

function renderComparison(comparison: Comparison, which: "usual" | "all"): string {
  const { configurations, trials, notes, rankedBy } = comparison;
  const failures = trials.filter(({ state }) => state === "failed");
  return [
    `${comparison.experiment}  run ${comparison.runId}`,
    verdictOf(comparison),
    "",
    renderTextTable(leaderboardTable(comparison, which)),
    ...(rankedBy === undefined ? [] : ["", rankedBy.why]),
    ...notes.map(({ message }) => message),
    ...failures.slice(0, 10).map(({ trialId, seed, failure }) => `failed: ${trialId} seed ${seed}: ${failure?.reason}`),
    ...(failures.length > 10 ? [`… and ${failures.length - 10} more failed; see nightsweep status`] : []),
    ...(configurations.length > 1 ? [] : [""]),
  ].join("\n");
}
