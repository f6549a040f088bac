import type { BenchmarkCheck } from "../compare/nightly/benchmark-check.ts";
import type { JudgedNight, NightSeries } from "../compare/nightly/nightly-types.ts";
import { whatChanged } from "../compare/nightly/what-changed.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { figureOf, isFigureKey } from "./figures.ts";
import type { NightlyHistory, NightlySeries, ReportedNight } from "./report-data.ts";

/** The nights of a benchmark as a report shows them. */
export function collectNightly({
  rules,
  series,
  gaps,
}: Pick<BenchmarkCheck, "rules" | "series" | "gaps">): NightlyHistory {
  const figure = isFigureKey(rules.metric) ? figureOf(rules.metric) : undefined;
  return {
    metric: figure?.label ?? rules.metric,
    isShare: figure?.format(1) === "100.00 %",
    series: series.map(collectSeries),
    gaps: gaps.map(({ date, reason }) => ({ date, reason })),
  };
}

/** A sentence if a run's night is worse than those before it. @returns undefined if it isn't, or is no night */
export function nightlyWarning({ metric, series }: NightlyHistory, runId: string): string | undefined {
  const nights = series.flatMap((own) => own.nights.find((night) => night.runId === runId) ?? []);
  const bad = nights.filter(({ verdict }) => verdict === "regressed" || verdict === "suspect");
  const [first, ...others] = bad;
  if (first === undefined) return undefined;
  const where = others.length === 0 ? "" : ` in ${bad.length} of ${nights.length} series`;
  return `By ${metric}, this night is ${first.verdict}${where}: ${first.why.replace(/\.$/, "")}.`;
}

function collectSeries({ key, nights, segments }: NightSeries): NightlySeries {
  const values = Object.keys(key.values);
  const name = values.length === 0 ? key.benchmark : describeConfiguration(key.values, values);
  return {
    title: `${name} · ${key.device}, ${key.engine}, seeds ${key.seeds.join(", ")}`,
    nights: nights.map((_, index) => collectNight(nights, index)).filter((night) => night !== undefined),
    segments: segments.map(({ from, to, mean }) => ({ from, to, mean })),
  };
}

function collectNight(nights: readonly JudgedNight[], index: number): ReportedNight | undefined {
  const night = nights[index];
  if (night === undefined) return undefined;
  const { date, runId, mean, seeds, limit, verdict, why, acknowledged, circumstances } = night;
  const { commits, lines } = whatChanged(nights, index);
  // What changed is only asked about nights that stand out.
  const isPlain = verdict === "ok" || verdict === "no-baseline";
  return {
    date,
    runId,
    ...(mean === undefined ? {} : { mean }),
    seeds: seeds.map(({ value }) => value),
    ...(limit === undefined ? {} : { limit }),
    verdict,
    why: isPlain || lines.length === 0 ? why : `${why}. Since the last good night: ${lines.join("; ")}.`,
    ...(acknowledged === undefined ? {} : { acknowledged }),
    ...(circumstances.commit === undefined ? {} : { commit: circumstances.commit }),
    ...(commits?.address === undefined ? {} : { commitUrl: commits.address }),
  };
}
