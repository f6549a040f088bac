import type { BenchmarkCheck, CheckedSeries, Confirmation, NightGap } from "../../compare/nightly/benchmark-check.ts";
import { confirmingSeeds } from "../../compare/nightly/confirming-seeds.ts";
import type { NightRules, NightVerdict } from "../../compare/nightly/nightly-types.ts";
import { seriesOf } from "../../compare/nightly/series-of.ts";
import { whatChanged } from "../../compare/nightly/what-changed.ts";
import { isLowerBetter } from "../../compare/summarise-metrics.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { Plan } from "../../plan/plan.ts";
import { loadHistory, writeNight } from "../../record/history.ts";
import { loadRun } from "../../record/load-run.ts";
import type { BenchmarkHistory, NightDocument } from "../../record/night-document.ts";
import { loadProvenances } from "../../record/provenance.ts";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { dateIn, parseCron, scheduledDates } from "../../spec/cron.ts";
import { benchmarkSchema } from "../../spec/schema/nightly.ts";
import { describeNight, type NightEnding } from "./describe-night.ts";

/** The worst first. */
const severity: readonly NightVerdict[] = ["regressed", "suspect", "incomplete", "no-baseline", "ok", "improved"];

/** Writes what a run came to into the history of its benchmark. */
export async function recordNight(store: Store, run: RunDocument, ending: NightEnding = {}): Promise<NightDocument> {
  const provenances = await loadProvenances(store, objectKeys.run(run.experiment, run.runId));
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const night = describeNight(run, { ...records, provenances }, ending);
  await writeNight(store, night);
  return night;
}

/** The history of an experiment's benchmark, judged. @param plan the newest one: it has the rules and the schedule */
export async function checkBenchmark(store: Store, plan: Plan, now: Date): Promise<BenchmarkCheck> {
  return judgeHistory(await loadHistory(store, plan.experiment), plan, now);
}

/**
 * Judges the history of a benchmark. Pure: behind `nightsweep check` and what runs in the cloud alike.
 * @param now gaps are looked for up to today
 */
export function judgeHistory(
  history: BenchmarkHistory,
  { experiment, benchmark, schedule }: Pick<Plan, "experiment" | "benchmark" | "schedule">,
  now: Date,
): BenchmarkCheck {
  const rules = benchmark ?? benchmarkSchema.parse({});
  const better = isLowerBetter(rules.metric) ? "lower" : "higher";
  const nightRules: NightRules = { ...rules, better };
  const all = seriesOf(history, rules.metric, nightRules).flatMap((series) => {
    const latest = series.nights.at(-1);
    return latest === undefined
      ? []
      : [{ ...series, latest, changes: whatChanged(series.nights, series.nights.length - 1) }];
  });
  const newest = history.nights.findLast(({ confirms }) => confirms === undefined);
  const current = all.filter(({ latest }) => latest.runId === newest?.runId);
  const confirmation = rules.confirm ? confirmationOf(current) : undefined;
  return {
    schemaVersion: 1,
    benchmark: experiment,
    rules,
    better,
    verdict: severity.find((verdict) => current.some(({ latest }) => latest.verdict === verdict)) ?? "no-baseline",
    series: [...current, ...all.filter((series) => !current.includes(series))],
    gaps: schedule === undefined ? [] : gapsOf(history.nights, schedule, now),
    ...(confirmation === undefined ? {} : { confirmation }),
  };
}

/** Suspects without a second run are repeated together, with the seeds of the first one that is. */
function confirmationOf(current: readonly CheckedSeries[]): Confirmation | undefined {
  const suspects = current.filter(({ latest }) => latest.verdict === "suspect" && latest.confirmation === undefined);
  const [first] = suspects;
  if (first === undefined) return undefined;
  return {
    runId: first.latest.runId,
    configurationIds: suspects.map(({ latest }) => latest.configurationId),
    ...confirmingSeeds(first.nights),
  };
}

function gapsOf(nights: readonly NightDocument[], schedule: NonNullable<Plan["schedule"]>, now: Date): NightGap[] {
  const times = parseCron(schedule.cron);
  const first = nights[0];
  if ("problem" in times || first === undefined) return [];
  const done = new Set(nights.map(({ date }) => date));
  // Tonight's run may still be on its way.
  const yesterday = dateIn(schedule.timezone, new Date(now.getTime() - 86_400_000));
  return scheduledDates(times, first.date, yesterday)
    .filter((date) => !done.has(date))
    .map((date) => ({ date, reason: "no run was recorded: it was not started, or ended before it was checked" }));
}
