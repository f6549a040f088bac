import { mean, sampleStandardDeviation } from "../metrics/sample-statistics.ts";
import { studentInterval } from "../metrics/student-interval.ts";
import {
  metricNames,
  type ConfigurationRow,
  type MetricName,
  type MetricSummary,
  type SeedValue,
  type TrialRow,
} from "./comparison.ts";

const readers: Readonly<Record<MetricName, (trial: TrialRow) => number | undefined>> = {
  testAccuracy: ({ test }) => test?.accuracy,
  testLoss: ({ test }) => test?.loss,
  testMacroF1: ({ test }) => test?.macroF1,
  validationAccuracy: ({ validation }) => validation?.accuracy,
  validationLoss: ({ validation }) => validation?.loss,
  trainAccuracy: ({ train }) => train?.accuracy,
  trainLoss: ({ train }) => train?.loss,
};

/**
 * Every metric over the finished trials of one configuration.
 * @param trials finished trials, one per seed, any order
 * @returns only the metrics that all trials have; none without trials
 */
export function summariseMetrics(trials: readonly TrialRow[]): ConfigurationRow["metrics"] {
  const bySeed = [...trials].sort((a, b) => a.seed - b.seed);
  const summaries: Partial<Record<MetricName, MetricSummary>> = {};
  for (const metric of metricNames) {
    const [first, ...others] = seedValues(bySeed, metric);
    if (first !== undefined && others.length + 1 === trials.length)
      summaries[metric] = summarise(metric, [first, ...others]);
  }
  return summaries;
}

function seedValues(trials: readonly TrialRow[], metric: MetricName): SeedValue[] {
  return trials.flatMap((trial) => {
    const value = readers[metric](trial);
    return value === undefined ? [] : [{ seed: trial.seed, trialId: trial.trialId, value }];
  });
}

/** @param bySeed in the order of seeds, so that ties of best and worst go to the lower seed */
function summarise(metric: MetricName, bySeed: readonly [SeedValue, ...SeedValue[]]): MetricSummary {
  const values = bySeed.map(({ value }) => value);
  const lowest = bySeed.reduce((low, entry) => (entry.value < low.value ? entry : low));
  const highest = bySeed.reduce((high, entry) => (entry.value > high.value ? entry : high));
  const isLowerBetter = metric.endsWith("Loss");
  return {
    count: values.length,
    mean: mean(values),
    ...(values.length < 2 ? {} : { sd: sampleStandardDeviation(values), interval: studentInterval(values) }),
    best: isLowerBetter ? lowest : highest,
    worst: isLowerBetter ? highest : lowest,
  };
}
