import type { Notice, ReportStep } from "../../contract/run-machine.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { Comparison } from "../../compare/comparison.ts";
import { leaderboardTable } from "../../report/leaderboard-table.ts";
import { renderTextTable } from "../../report/render-text-table.ts";
import type { LiveRunState } from "../run-state.ts";
import type { CloudRun } from "./cloud-run.ts";
import type { NightJudgement } from "./night-gate.ts";

/** A run that is over, as people are told of it. */
export interface EndedRun {
  readonly run: CloudRun;
  /** Location of the store. */
  readonly store: string;
  readonly comparison: Comparison;
  readonly night: NightJudgement | undefined;
  readonly outcome: ReportStep["outcome"];
  readonly state: LiveRunState;
  /** Commits since the last good night, as `git log` takes them. */
  readonly commits: string | undefined;
}

const maxSubjectCharacters = 100;
/** The topic takes 256 KiB, a state 256 KiB in all. */
const maxMessageBytes = 32 * 1024;
const maxRows = 40;

/**
 * The mail about a run. A person who started the run gets it in any case; of a night, only what needs somebody, or ends
 * an alarm.
 */
export function writeNotice(ended: EndedRun): Notice {
  const { run, night, outcome } = ended;
  const isQuiet = night?.verdict === "passed" || night?.verdict === "none";
  const isNews = outcome === "failed" || !isQuiet;
  return {
    isDue: isNews,
    subject: subjectOf(`nightsweep: ${run.experiment} ${headlineOf(ended)}`),
    message: clip(messageOf(ended)),
  };
}

function headlineOf({ night, outcome, comparison, state }: EndedRun): string {
  const { finished, planned } = comparison.trialCounts;
  const counts = `${finished} of ${planned} trials finished`;
  if (state.stopReason !== undefined) return `was stopped (${state.stopReason.rule}), ${counts}`;
  if (outcome === "failed") return `failed, ${counts}`;
  if (night === undefined) return `is done, ${counts}`;
  if (night.verdict === "regressed" || night.verdict === "suspect") return "REGRESSED";
  return night.verdict === "recovered" ? "recovered" : `passed, ${counts}`;
}

function messageOf(ended: EndedRun): string {
  const { run, store, comparison, night, commits } = ended;
  const { trialCounts } = comparison;
  const table = leaderboardTable(comparison);
  const shown = { ...table, rows: table.rows.slice(0, maxRows) };
  const left = table.rows.length - shown.rows.length;
  return [
    `${run.experiment}, run ${run.runId}: ${headlineOf(ended)}`,
    ...(night === undefined ? [] : ["", ...night.lines]),
    ...(commits === undefined ? [] : [`Commits since the last good night: git log ${commits}`]),
    "",
    renderTextTable(shown).trimEnd(),
    ...(left > 0 ? [`… and ${left} more configurations`] : []),
    ...(trialCounts.failed > 0 ? ["", `${trialCounts.failed} trials failed:`, ...failuresOf(comparison)] : []),
    "",
    `Report: ${store}/${objectKeys.report(run.key)}`,
    `nightsweep status ${run.experiment} --run ${run.runId} --store ${store}`,
    `nightsweep compare ${run.experiment} --run ${run.runId} --store ${store}`,
    "",
  ].join("\n");
}

function failuresOf({ trials }: Comparison): string[] {
  const reasons = new Map<string, number>();
  for (const { failure } of trials) {
    const reason = failure?.reason.split("\n")[0];
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const sorted = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 5);
  return sorted.map(([reason, count]) => `  ${count} × ${reason}`);
}

/** One line of ASCII, as the topic wants it. */
function subjectOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, maxSubjectCharacters);
}

function clip(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxMessageBytes) return text;
  return `${bytes.subarray(0, maxMessageBytes - 100).toString("utf8")}\n… (the rest is in the report)\n`;
}
