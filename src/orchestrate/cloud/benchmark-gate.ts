import type { CheckedSeries } from "../../compare/nightly/benchmark-check.ts";
import { confirmingPlan } from "../../plan/confirming-plan.ts";
import { RecordError } from "../../record/record-error.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { RunDocument } from "../../record/run-records.ts";
import { loadRunDocument } from "../../record/run-store.ts";
import type { Store } from "../../record/store.ts";
import { checkBenchmark, recordNight } from "../nightly/check-benchmark.ts";
import type { NightGate, NightJudgement } from "./night-gate.ts";

/** Judges nights as `nightsweep check` does. @param now gaps are looked for up to today */
export function benchmarkGate(now: () => Date): NightGate {
  return {
    async judge(store, { records, confirms }) {
      await recordNight(store, await requireRun(store, records.experiment, records.runId), { confirms });
      const { verdict, series, confirmation } = await checkBenchmark(store, records.plan, now());
      const [first] = series;
      const before = first?.nights.slice(0, -1) ?? [];
      const lastGood = before.findLast(({ verdict }) => verdict === "ok" || verdict === "improved");
      return {
        verdict: verdictOf(verdict, before.at(-1)?.verdict === "regressed"),
        lines: series.map(describeSeries),
        ...(confirmation && { confirmation }),
        ...(lastGood && { lastGoodRunId: lastGood.runId }),
      };
    },
    // A night whose seeds are missing has no mean: it is a gap with the reasons, not a zero.
    async recordGap(store, { experiment, runId, reason }) {
      await recordNight(store, await requireRun(store, experiment, runId), { cause: reason });
    },
    confirmingPlan,
  };
}

function verdictOf(verdict: CheckedSeries["latest"]["verdict"], wasRegressed: boolean): NightJudgement["verdict"] {
  switch (verdict) {
    case "ok":
    case "improved":
      return wasRegressed ? "recovered" : "passed";
    case "suspect":
    case "regressed":
      return verdict;
    case "no-baseline":
    case "incomplete":
      return "none";
    default:
      throw new Error(`unknown verdict ${String(verdict satisfies never)}`);
  }
}

function describeSeries({ key, latest }: CheckedSeries): string {
  const swept = Object.entries(key.values).map(([path, value]) => `${path}=${String(value)}`);
  const name = swept.length === 0 ? key.benchmark : swept.join(" ");
  const mean = latest.mean === undefined ? "" : ` ${latest.mean.toFixed(4)}`;
  return `${name}: ${latest.verdict}${mean}. ${latest.why}`;
}

async function requireRun(store: Store, experiment: string, runId: string): Promise<RunDocument> {
  const run = await loadRunDocument(store, experiment, runId);
  if (run !== undefined) return run;
  const key = objectKeys.source(objectKeys.run(experiment, runId));
  throw new RecordError(key, {
    problem: "there is no such run",
    fix: "it was removed; the next night is judged again",
  });
}
