import type { BenchmarkCheck } from "../compare/nightly/benchmark-check.ts";
import { checkHeadline, renderCheckMarkdown } from "../report/history-markdown.ts";
import { latestTable, nightsTable } from "../report/history-tables.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { CommandResult } from "./output.ts";

/** How the newest night compares with those before it, as a command's result. */
export function checkResult(check: BenchmarkCheck): CommandResult {
  const runId = check.series[0]?.latest.runId;
  const current = check.series.filter(({ latest }) => latest.runId === runId);
  const table = latestTable(check, current);
  return {
    json: check,
    table,
    markdown: () => renderCheckMarkdown(check),
    human: () => [checkHeadline(check), "", renderTextTable(table), ...explanations(check)].join("\n"),
  };
}

/** All nights of a benchmark as a command's result. */
export function historyResult(check: BenchmarkCheck): CommandResult {
  const table = nightsTable(check);
  return {
    json: check,
    table,
    human: () => [checkHeadline(check), "", renderTextTable(table)].join("\n"),
  };
}

function explanations({ series, gaps, verdict, benchmark, confirmation }: BenchmarkCheck): string[] {
  const notable = series.filter(({ latest }) => !["ok", "no-baseline"].includes(latest.verdict));
  return [
    ...notable.flatMap(({ changes: { since, commits, lines } }) => [
      ...(since === undefined ? [] : [`last good night: ${since.date} (run ${since.runId})`]),
      ...(commits === undefined ? [] : [`  commits: ${commits.address ?? `${commits.from}..${commits.to}`}`]),
      ...lines.map((line) => `  ${line}`),
    ]),
    ...(gaps.length === 0 ? [] : [`missing nights: ${gaps.map(({ date }) => date).join(", ")}`]),
    ...(confirmation === undefined
      ? []
      : [`not confirmed: a second run with seeds ${confirmation.seeds.join(", ")} would tell (${confirmation.why})`]),
    ...(verdict === "regressed" ? [`if it is meant: nightsweep history ack ${benchmark} --reason "…"`] : []),
  ];
}
