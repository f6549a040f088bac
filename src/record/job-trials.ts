import { numbersOf, requireRound } from "./run-rounds.ts";
import type { Store } from "./store.ts";

/** Which part of a plan, or of a round's list of trials, a job runs. */
export interface JobShare {
  /** Key of the round whose list is counted in; absent = `plan.trials` is. */
  readonly roundKey?: string;
  readonly firstTrial: number;
  readonly trialCount: number;
}

/**
 * Indexes of the trials that a job is to run.
 * @param planned how many trials the plan has
 */
export async function findJobTrials(
  store: Store,
  { firstTrial, trialCount, roundKey }: JobShare,
  planned: number,
): Promise<{ readonly trialIndexes: readonly number[] } | { readonly problem: string }> {
  const listed = roundKey === undefined ? undefined : numbersOf((await requireRound(store, roundKey)).trials);
  const length = listed?.length ?? planned;
  const count = Math.min(trialCount, length - firstTrial);
  const trialIndexes =
    listed?.slice(firstTrial, firstTrial + count) ??
    Array.from({ length: Math.max(0, count) }, (_, index) => firstTrial + index);
  const list = roundKey ?? "the plan";
  if (count <= 0) return { problem: `trial ${firstTrial} was asked for, but ${list}'s last trial is ${length - 1}` };
  const stray = trialIndexes.find((index) => index >= planned);
  if (stray !== undefined)
    return { problem: `${list} names trial ${stray}, but the plan's last one is ${planned - 1}` };
  return { trialIndexes };
}
