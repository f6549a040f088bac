import { compareRun } from "../../compare/compare-run.ts";
import { mean, sampleStandardDeviation } from "../../metrics/sample-statistics.ts";
import { studentQuantile } from "../../metrics/student-interval.ts";
import type { Plan, PlannedConfiguration } from "../../plan/plan.ts";
import { planIdOf, trialIdOf } from "../../plan/trial-id.ts";
import { loadIntervalNights, writeIntervalNight, type IntervalNight } from "../../record/interval-history.ts";
import type { Store } from "../../record/store.ts";
import type { Confirmation, Night, NightGate, NightJudgement } from "./night-gate.ts";

const defaults = { minimumNights: 5, minimumEffect: 0.005, level: 0.05 } as const;

/**
 * The simplest gate that can be trusted: the mean test accuracy of a configuration's seeds is suspect if it lies below
 * the one-sided prediction interval of the good nights before by more than `minimumEffect`.
 */
export const intervalGate: NightGate = {
  async judge(store, night) {
    const { experiment, runId, plan } = night.records;
    const nights = (await loadIntervalNights(store, experiment)).filter((each) => each.runId < runId);
    const means = meansOf(night);
    const judgement = judgeMeans(plan, { means, nights, isConfirming: night.confirms !== undefined });
    await writeIntervalNight(store, experiment, {
      schemaVersion: 1,
      date: night.date,
      runId,
      means,
      verdict: judgement.verdict,
      ...(night.confirms !== undefined && { confirms: night.confirms }),
    });
    return judgement;
  },
  recordGap(store: Store, { experiment, runId, date, reason }) {
    return writeIntervalNight(store, experiment, { schemaVersion: 1, date, runId, gap: reason, means: {} });
  },
  confirmingPlan: planConfirmation,
};

function meansOf({ records }: Night): Record<string, number> {
  const rows = compareRun(records).configurations;
  const entries = rows.flatMap(({ values, metrics }) => {
    const accuracy = metrics.testAccuracy?.mean;
    return accuracy === undefined ? [] : [[keyOf(values), accuracy] as const];
  });
  return Object.fromEntries(entries);
}

/** What stays the same from night to night is what is swept; all else may be what has made it worse. */
function keyOf(values: PlannedConfiguration["values"]): string {
  const parts = Object.entries(values).map(([path, value]) => `${path}=${String(value)}`);
  return parts.length === 0 ? "all" : parts.sort().join(" ");
}

function judgeMeans(
  plan: Plan,
  night: {
    readonly means: Readonly<Record<string, number>>;
    readonly nights: readonly IntervalNight[];
    readonly isConfirming: boolean;
  },
): NightJudgement {
  const { means, nights, isConfirming } = night;
  const rules = { ...defaults, ...plan.benchmark };
  const good = nights.filter(({ verdict }) => verdict === "passed" || verdict === "none");
  const lines: string[] = [];
  const worse = plan.configurations.flatMap(({ id, values }) => {
    const key = keyOf(values);
    const value = means[key];
    const before = good.flatMap(({ means }) => means[key] ?? []);
    if (value === undefined || before.length < rules.minimumNights) return [];
    const spread = sampleStandardDeviation(before) * Math.sqrt(1 + 1 / before.length);
    const limit = mean(before) - studentQuantile(1 - rules.level, before.length - 1) * spread - rules.minimumEffect;
    lines.push(`${key}: test accuracy ${value.toFixed(4)}, limit ${limit.toFixed(4)} (${before.length} nights)`);
    return value < limit ? [id] : [];
  });
  const lastGoodRunId = good.at(-1)?.runId;
  const known = lastGoodRunId === undefined ? {} : { lastGoodRunId };
  if (lines.length === 0) return { verdict: "none", lines: ["not enough good nights yet to judge this one"], ...known };
  if (worse.length === 0) {
    const wasBad = nights.findLast(({ gap }) => gap === undefined)?.verdict === "regressed";
    return { verdict: wasBad ? "recovered" : "passed", lines, ...known };
  }
  if (isConfirming) return { verdict: "regressed", lines, ...known };
  const highest = plan.trials.reduce((most, { seed }) => Math.max(most, seed), 0);
  const seeds = [...new Set(plan.trials.map(({ seed }) => seed))].map((_, index) => highest + 1 + index);
  return { verdict: "suspect", lines, confirmation: { configurationIds: worse, seeds }, ...known };
}

function planConfirmation(plan: Plan, { configurationIds, seeds }: Confirmation): Plan {
  const trials = plan.configurations.flatMap(({ id }, configuration) =>
    configurationIds.includes(id) ? seeds.map((seed) => ({ id: trialIdOf(id, seed), configuration, seed })) : [],
  );
  return { ...plan, trials, planId: planIdOf(trials) };
}
