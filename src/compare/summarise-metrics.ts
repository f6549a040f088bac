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

const readers: Readonly<Record<MetricName, (trial: TrialRow, topK: number) => number | undefined>> = {
  testAccuracy: ({ test }) => test?.accuracy,
  testLoss: ({ test }) => test?.loss,
  testMacroF1: ({ test }) => test?.macroF1,
  testWeightedF1: ({ test }) => test?.weightedF1,
  testTopK: ({ test }, topK) => test?.topKAccuracies?.[topK - 1],
  testCohensKappa: ({ test }) => test?.cohensKappa,
  testLogLoss: ({ test }) => test?.logLoss,
  testBrierScore: ({ test }) => test?.brierScore,
  testCalibrationError: ({ test }) => test?.expectedCalibrationError,
  validationAccuracy: ({ validation }) => validation?.accuracy,
  validationLoss: ({ validation }) => validation?.loss,
  trainAccuracy: ({ train }) => train?.accuracy,
  trainLoss: ({ train }) => train?.loss,
};

/** Metrics that are better the lower they are. */
const lowerIsBetter: ReadonlySet<MetricName> = new Set([
  "testLoss",
  "testLogLoss",
  "testBrierScore",
  "testCalibrationError",
  "validationLoss",
  "trainLoss",
]);

/** Whether a metric is better the lower it is. */
export function isLowerBetter(metric: MetricName): boolean {
  return lowerIsBetter.has(metric);
}

/** A trial's value of a metric; undefined if it has none. @param topK k of the top-k accuracy */
export function metricOf(trial: TrialRow, metric: MetricName, topK = 0): number | undefined {
  return readers[metric](trial, topK);
}

/**
 * Every metric over the finished trials of one configuration.
 * @param trials finished trials, one per seed, any order
 * @param topK k of the top-k accuracy; absent = none is wanted
 * @returns only the metrics that all trials have; none without trials
 */
export function summariseMetrics(trials: readonly TrialRow[], topK?: number): ConfigurationRow["metrics"] {
  const bySeed = [...trials].sort((a, b) => a.seed - b.seed);
  const summaries: Partial<Record<MetricName, MetricSummary>> = {};
  for (const metric of metricNames) {
    const [first, ...others] = seedValues(bySeed, metric, topK ?? 0);
    if (first !== undefined && others.length + 1 === trials.length)
      summaries[metric] = summarise(metric, [first, ...others]);
  }
  return summaries;
}

function seedValues(trials: readonly TrialRow[], metric: MetricName, topK: number): SeedValue[] {
  return trials.flatMap((trial) => {
    const value = metricOf(trial, metric, topK);
    return value === undefined ? [] : [{ seed: trial.seed, trialId: trial.trialId, value }];
  });
}

/** @param bySeed in the order of seeds, so that ties of best and worst go to the lower seed */
function summarise(metric: MetricName, bySeed: readonly [SeedValue, ...SeedValue[]]): MetricSummary {
  const values = bySeed.map(({ value }) => value);
  const lowest = bySeed.reduce((low, entry) => (entry.value < low.value ? entry : low));
  const highest = bySeed.reduce((high, entry) => (entry.value > high.value ? entry : high));
  const [best, worst] = isLowerBetter(metric) ? [lowest, highest] : [highest, lowest];
  return {
    count: values.length,
    mean: mean(values),
    ...(values.length < 2 ? {} : { sd: sampleStandardDeviation(values), interval: studentInterval(values) }),
    best,
    worst,
  };
}
