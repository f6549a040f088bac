import type { BenchmarkCheck, CheckedSeries } from "../compare/nightly/benchmark-check.ts";
import type { NightVerdict } from "../compare/nightly/nightly-types.ts";
import { figureOfCheck, latestTable } from "./history-tables.ts";
import { signed } from "./number-formats.ts";
import { escapeMarkdown, renderMarkdownTable } from "./render-markdown.ts";

const headlines: Readonly<Record<NightVerdict, string>> = {
  regressed: "❌ regressed",
  suspect: "⚠️ suspect",
  incomplete: "⚠️ incomplete",
  "no-baseline": "no baseline yet",
  ok: "✅ as before",
  improved: "✅ improved",
};

/** What a check says in one line: `cnn-nightly: regressed, −1.20 points of testAccuracy`. */
export function checkHeadline(check: BenchmarkCheck): string {
  const { benchmark, verdict, series, rules } = check;
  const worst = series.find(({ latest }) => latest.verdict === verdict);
  const change = worst === undefined ? undefined : changeOf(worst);
  if (change === undefined) return `${benchmark}: ${verdict}`;
  const isShare = figureOfCheck(check).format(1).endsWith("%");
  const text = isShare ? `${signed(100 * change, 2)} points` : signed(change, 4);
  return `${benchmark}: ${verdict}, ${rules.metric} ${text} against the nights before`;
}

/**
 * A check as Markdown for pull requests and GitHub's step summary: verdict, figures, what changed, what to do.
 * @returns the text, ending in a line feed
 */
export function renderCheckMarkdown(check: BenchmarkCheck): string {
  const { verdict, series, gaps, benchmark } = check;
  const runId = series[0]?.latest.runId;
  const current = series.filter(({ latest }) => latest.runId === runId);
  const shown = current.filter(({ latest }) => !["ok", "no-baseline"].includes(latest.verdict));
  const recent = gaps.slice(-10);
  return [
    `### ${escapeMarkdown(benchmark)}: ${headlines[verdict]}`,
    "",
    escapeMarkdown(checkHeadline(check)),
    "",
    ...(current.length === 0 ? ["No night is recorded.", ""] : [renderMarkdownTable(latestTable(check, current))]),
    ...shown.flatMap((entry) => changeLines(entry)),
    ...(recent.length === 0 ? [] : [`Missing nights: ${recent.map(({ date }) => date).join(", ")}.`, ""]),
    ...(verdict === "regressed"
      ? [`If the change is meant: \`nightsweep history ack ${benchmark} --reason "…"\`.`, ""]
      : []),
  ].join("\n");
}

function changeOf({ latest: { mean, baseline } }: CheckedSeries): number | undefined {
  return mean === undefined || baseline === undefined ? undefined : mean - baseline.mean;
}

function changeLines({ changes: { since, commits, lines } }: CheckedSeries): string[] {
  const range = commits && `${commits.from.slice(0, 10)}…${commits.to.slice(0, 10)}`;
  const link = commits?.address === undefined ? range : `[${range}](${commits.address})`;
  const listed = [...(link === undefined ? [] : [`commits ${link}`]), ...lines.map(escapeMarkdown)];
  if (listed.length === 0)
    return since === undefined ? [] : [`Nothing that is recorded has changed since ${since.date}.`, ""];
  const title = since === undefined ? "Changed:" : `Changed since the last good night, ${since.date}:`;
  return [title, "", ...listed.map((line) => `- ${line}`), ""];
}
