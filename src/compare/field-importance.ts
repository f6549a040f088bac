import { permutationImportance } from "../metrics/permutation-importance.ts";
import { rankCorrelation } from "../metrics/rank-correlation.ts";
import type { Feature } from "../metrics/regression-tree.ts";
import { seededRandom, shuffle } from "../metrics/seeded-random.ts";
import type { SweptValues, TrialRow } from "./comparison.ts";
import type { FieldImportance, Importance, RankingMetric } from "./comparison-statistics.ts";
import { metricOf } from "./summarise-metrics.ts";

/** With fewer trials, a forest finds patterns in noise. */
const fewestTrials = 20;
/** More don't change what matters, and a report of 10,000 trials is to be there at once. */
const mostTrials = 500;

/**
 * How much each swept field matters for the metric: permutation importance on a random forest, and rank correlation.
 * Deterministic: the forest is grown from a fixed seed, on at most 500 trials.
 * @param trials finished or not
 * @param columns swept paths whose values differ
 * @returns undefined with fewer than 20 finished trials, without fields, or if all trials came out the same
 */
export function importanceOf(
  trials: readonly TrialRow[],
  columns: readonly string[],
  metric: RankingMetric,
): Importance | undefined {
  const finished = trials.filter((trial) => trial.state === "finished" && metricOf(trial, metric) !== undefined);
  const used = sampled(finished);
  const target = used.map((trial) => metricOf(trial, metric) ?? 0);
  if (finished.length < fewestTrials || columns.length === 0 || target.every((value) => value === target[0]))
    return undefined;
  const features = columns.map((path) => featureOf(used, path));
  const forest = permutationImportance(features, target, seededRandom(1));
  const total = forest.features.reduce((sum, { drop }) => sum + Math.max(0, drop), 0);
  const fields = columns.map((path, index): FieldImportance => {
    const { drop, sd } = forest.features[index] ?? { drop: 0, sd: 0 };
    const share = total === 0 ? 0 : Math.max(0, drop) / total;
    return { path, share, permutation: drop, sd, ...correlationOf(features[index], target) };
  });
  fields.sort((a, b) => b.permutation - a.permutation);
  return { metric, trials: finished.length, explained: forest.explained, fields };
}

function sampled(trials: readonly TrialRow[]): readonly TrialRow[] {
  if (trials.length <= mostTrials) return trials;
  const chosen = new Set(
    shuffle(
      trials.map((_, index) => index),
      seededRandom(2),
    ).slice(0, mostTrials),
  );
  return trials.filter((_, index) => chosen.has(index));
}

/** Numbers keep their order; anything else, and what is mixed, is a name. A trial without the field has no value. */
function featureOf(trials: readonly TrialRow[], path: string): Feature {
  const values = trials.map((trial) => trial.values[path]);
  const known = values.filter((value) => value !== undefined);
  if (known.every((value) => typeof value === "number"))
    return { kind: "number", values: values.map((value) => (typeof value === "number" ? value : Number.NaN)) };
  const codes = new Map<SweptValues[string], number>();
  for (const value of known) if (!codes.has(value)) codes.set(value, codes.size);
  return { kind: "name", values: values.map((value) => (value === undefined ? Number.NaN : (codes.get(value) ?? 0))) };
}

function correlationOf(
  feature: Feature | undefined,
  target: readonly number[],
): Pick<FieldImportance, "rankCorrelation" | "rankCorrelationP"> {
  if (feature?.kind !== "number") return {};
  const values = Array.from(feature.values);
  const result = values.some(Number.isNaN) ? undefined : rankCorrelation(values, target);
  return result === undefined ? {} : { rankCorrelation: result.correlation, rankCorrelationP: result.p };
}
