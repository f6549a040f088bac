import type { Comparison } from "../compare/comparison.ts";
import { leaderboardData, leaderboardTable } from "../report/leaderboard-table.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import { importanceTable, paretoTables } from "../report/statistics-tables.ts";
import { verdictOf } from "../report/verdict-of.ts";
import type { CommandResult } from "./output.ts";

/** What people see of a comparison; scripts always get all. */
export interface ShownParts {
  readonly figures?: "usual" | "all";
  readonly hasImportance?: boolean;
  readonly hasPareto?: boolean;
}

/** The comparison of a run as a command's result. */
export function comparisonResult(comparison: Comparison, shown: ShownParts = {}): CommandResult {
  return {
    json: comparison,
    table: leaderboardData(comparison),
    human: () => renderComparison(comparison, shown),
  };
}

function renderComparison(comparison: Comparison, { figures, hasImportance, hasPareto }: ShownParts): string {
  const { configurations, trials, notes, rankedBy, tests } = comparison;
  const failures = trials.filter(({ state }) => state === "failed");
  return [
    `${comparison.experiment}  run ${comparison.runId}`,
    verdictOf(comparison),
    "",
    renderTextTable(leaderboardTable(comparison, figures)),
    ...(rankedBy === undefined ? [] : ["", rankedBy.why]),
    ...(tests === undefined ? [] : [testsLine]),
    ...notes.map(({ message }) => message),
    ...failures.slice(0, 10).map(({ trialId, seed, failure }) => `failed: ${trialId} seed ${seed}: ${failure?.reason}`),
    ...(failures.length > 10 ? [`… and ${failures.length - 10} more failed; see nightsweep status`] : []),
    ...(hasImportance === true ? importanceLines(comparison) : []),
    ...(hasPareto === true ? paretoLines(comparison) : []),
    ...(configurations.length > 1 ? [] : [""]),
  ].join("\n");
}

const testsLine =
  "p: Welch’s test over seeds, corrected for the number of configurations (Holm); * is below .05. `3 =1`: the third, which can’t be told from the first.";

function importanceLines({ importance, columns }: Comparison): string[] {
  if (importance === undefined)
    return ["", columns.length === 0 ? "No field is swept." : "Importance is shown from 20 finished trials on."];
  const { trials, explained, metric } = importance;
  return [
    "",
    `Which fields matter for ${metric}: a forest on ${trials} trials explains ${Math.round(100 * Math.max(0, explained))} % of the spread${explained < 0.3 ? ", too little to trust the shares" : ""}`,
    renderTextTable(importanceTable(importance)),
  ];
}

function paretoLines(comparison: Comparison): string[] {
  return paretoTables(comparison).flatMap(({ title, table }) => ["", title, renderTextTable(table)]);
}
