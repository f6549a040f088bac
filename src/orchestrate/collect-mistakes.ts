import type { Comparison } from "../compare/comparison.ts";
import { reliabilityCurve } from "../metrics/reliability-curve.ts";
import { loadPredictions } from "../record/predictions.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { Predictions } from "../record/trial-record.ts";
import type { Mistake, TrialMistakes } from "../report/block-format.ts";
import { leaderboardOrder } from "../report/report-blocks.ts";
import type { TrialCalibration } from "../report/report-data.ts";

/** Of all trials together: about 2 MB in the page. */
const maxMistakes = 500_000;
/** Reading what 200 trials predicted takes a few seconds. */
const maxTrials = 200;

/** What a run's best trials predicted. */
export interface CollectedPredictions {
  readonly mistakes: readonly TrialMistakes[];
  readonly calibrations: readonly TrialCalibration[];
  /** Finished trials that were left out. */
  readonly leftOutCount: number;
}

/** Which test examples the best trials of a run got wrong, and how well their probabilities can be trusted. */
export async function collectPredictions(
  store: Store,
  comparison: Comparison,
  { trials }: Pick<RunRecords, "trials">,
): Promise<CollectedPredictions> {
  const finished = leaderboardOrder(comparison).filter((index) => trials[index]?.state.type === "finished");
  const mistakes: TrialMistakes[] = [];
  const calibrations: TrialCalibration[] = [];
  let room = maxMistakes;
  for (const trial of finished.slice(0, maxTrials)) {
    const predictions = await loadPredictions(store, trials[trial]?.key ?? "");
    if (predictions === undefined) continue;
    const own = mistakesOf(predictions);
    room -= own.length;
    if (room < 0) break;
    const { labels, predicted, confidences } = predictions;
    mistakes.push({ trial, labels, mistakes: own });
    const bins = reliabilityCurve(confidences, (example) => labels[example] === predicted[example]);
    calibrations.push({ trial, bins });
  }
  return { mistakes, calibrations, leftOutCount: finished.length - mistakes.length };
}

function mistakesOf({ labels, predicted, confidences }: Predictions): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [example, label] of labels.entries()) {
    const guess = predicted[example] ?? 0;
    if (guess !== label) mistakes.push({ example, label, predicted: guess, probability: confidences[example] ?? 0 });
  }
  return mistakes;
}

/** The examples that some trials got wrong, those of the first trials first; each once. */
export function mistakenExamples(trials: readonly TrialMistakes[]): number[] {
  return [...new Set(trials.flatMap(({ mistakes }) => mistakes.map(({ example }) => example)))];
}
