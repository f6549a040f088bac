import type { EpochMetrics, EpochTiming, LossAndAccuracy } from "../src/record/trial-record.ts";

/** One line about a finished epoch, for the trial's log. */
export function formatEpoch(metrics: EpochMetrics, { seconds }: EpochTiming, epochCount: number): string {
  const parts = [
    `epoch ${metrics.epoch}/${epochCount}`,
    `step ${metrics.step}`,
    formatFigures(metrics),
    ...(metrics.validation ? [`validation ${formatFigures(metrics.validation)}`] : []),
    ...(metrics.test ? [`test ${formatFigures(metrics.test)}`] : []),
    `learning rate ${metrics.learningRate}`,
    `${seconds.toFixed(1)} s`,
  ];
  return parts.join(" · ");
}

function formatFigures({ loss, accuracy }: LossAndAccuracy): string {
  return `loss ${loss.toFixed(4)} accuracy ${accuracy.toFixed(4)}`;
}
