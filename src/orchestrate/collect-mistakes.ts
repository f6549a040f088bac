import type { Comparison } from "../compare/comparison.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import type { TrialMistakes } from "../report/block-format.ts";
import { leaderboardOrder } from "../report/report-blocks.ts";
import { loadPredictions } from "./load-predictions.ts";

/** Of all trials together: about 2 MB in the page. */
const maxMistakes = 500_000;
/** Reading what 200 trials predicted takes a few seconds. */
const maxTrials = 200;

/** The mistakes of a run's best trials. */
export interface CollectedMistakes {
  readonly trials: readonly TrialMistakes[];
  /** Finished trials whose mistakes were left out. */
  readonly leftOutCount: number;
}

/** Which test examples the best trials of a run got wrong. */
export async function collectMistakes(
  store: Store,
  comparison: Comparison,
  { trials }: Pick<RunRecords, "trials">,
): Promise<CollectedMistakes> {
  const finished = leaderboardOrder(comparison).filter((index) => trials[index]?.state.type === "finished");
  const collected: TrialMistakes[] = [];
  let room = maxMistakes;
  for (const trial of finished.slice(0, maxTrials)) {
    const mistakes = await mistakesOf(store, trials[trial]);
    room -= mistakes.length;
    if (room < 0) break;
    collected.push({ trial, mistakes });
  }
  return { trials: collected, leftOutCount: finished.length - collected.length };
}

async function mistakesOf(store: Store, record: TrialRecord | undefined): Promise<TrialMistakes["mistakes"]> {
  const predictions = record === undefined ? [] : await loadPredictions(store, record.key);
  return predictions.filter(({ label, predicted }) => label !== predicted);
}

/** The examples that some trials got wrong, those of the first trials first; each once. */
export function mistakenExamples(trials: readonly TrialMistakes[]): number[] {
  return [...new Set(trials.flatMap(({ mistakes }) => mistakes.map(({ example }) => example)))];
}
