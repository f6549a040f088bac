import type { Difference } from "../plan/outlook/compare-plans.ts";
import type { TrialNews } from "../plan/outlook/trial-news.ts";
import type { Plan } from "../plan/plan.ts";
import { grouped } from "../report/number-formats.ts";

const maxShownChanges = 3;
const maxShownLines = 8;

/** A trial's news in a few words: `cached from run …`, `changed: training.epochs 3 → 4`. */
export function describeNews(news: TrialNews): string {
  switch (news.type) {
    case "cached":
      return `cached from ${news.experiment} run ${news.runId}`;
    case "unfinished":
      return `not finished by run ${news.runId}`;
    case "changed":
    case "new":
      return news.changes.length === 0 ? news.type : `${news.type}: ${describeChanges(news.changes)}`;
    default:
      throw new Error(`unknown news ${JSON.stringify(news satisfies never)}`);
  }
}

/** What is changed or new, with how many trials each; the most frequent first. Empty if all that is known is there. */
export function newsLines(plan: Plan, news: readonly TrialNews[]): string[] {
  const counts = new Map<string, number>();
  news.forEach((entry, index) => {
    if (plan.trials[index] === undefined || entry.type === "cached" || entry.type === "unfinished") return;
    if (entry.changes.length === 0) return;
    const text = describeNews(entry);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  });
  const lines = [...counts].sort(([, a], [, b]) => b - a);
  const shown = lines.slice(0, maxShownLines).map(([text, count]) => `  ${trialCount(count)} ${text}`);
  return lines.length > shown.length ? [...shown, "  … (all of them: nightsweep plan --output csv)"] : shown;
}

/** What of a configuration's trials is there, as `2 cached from …, 1 new`. */
export function summariseNews(news: readonly TrialNews[]): string {
  const counts = new Map<string, number>();
  for (const entry of news) counts.set(describeNews(entry), (counts.get(describeNews(entry)) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${grouped(count)} ${text}`).join(", ");
}

function describeChanges(changes: readonly Difference[]): string {
  const shown = changes.slice(0, maxShownChanges).map(({ path, before, after }) => {
    return before === null && path === "seed"
      ? `seed ${after}`
      : `${path} ${before ?? "(not there)"} → ${after ?? "(not there)"}`;
  });
  const more = changes.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} more fields`;
}

function trialCount(count: number): string {
  return `${grouped(count)} ${count === 1 ? "trial" : "trials"}`;
}
