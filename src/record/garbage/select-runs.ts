import { bytesOf, planGarbage, type GarbagePlan, type GarbageRules, type Owners } from "./plan-garbage.ts";
import type { StoredRun } from "./survey-runs.ts";

/** Which runs are old enough to go; absent = the rule protects or selects none. */
export interface AgeRules {
  /** So many of the newest runs of each experiment stay. */
  readonly keepLast?: number | undefined;
  /** Runs stay that were made or run since so long. */
  readonly olderThanMs?: number | undefined;
  /** Of the others, the oldest go until what is left of all runs is no larger. */
  readonly maxBytes?: number | undefined;
}

/** What a cleaning by age, number and size removes. Pure. @param nowMs ms since 1970 */
export function planCleaning(
  runs: readonly StoredRun[],
  rules: AgeRules & Pick<GarbageRules, "checkpointsOnly">,
  { owners, nowMs }: { readonly owners: Owners; readonly nowMs: number },
): GarbagePlan {
  const { maxBytes, checkpointsOnly } = rules;
  const old = findOld(runs, rules, nowMs);
  const plan = (count: number): GarbagePlan =>
    planGarbage(runs, { runs: new Set(old.slice(0, count)), checkpointsOnly }, owners);
  if (maxBytes === undefined) return plan(old.length);
  const total = runs.reduce((sum, run) => sum + sizeOf(run), 0);
  // The more runs go, the less is left: the least number that is enough is found by halving.
  let [least, most] = [0, old.length];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (total - plan(middle).bytes <= maxBytes) most = middle;
    else least = middle + 1;
  }
  return plan(least);
}

/** Everything that is stored of a run, in bytes. */
export function sizeOf({ trials, others }: StoredRun): number {
  return bytesOf(others) + trials.reduce((sum, { objects }) => sum + bytesOf(objects), 0);
}

/** The runs that the rules don't protect, the oldest first; none without a rule. */
function findOld(
  runs: readonly StoredRun[],
  { keepLast, olderThanMs, maxBytes }: AgeRules,
  nowMs: number,
): StoredRun[] {
  if (keepLast === undefined && olderThanMs === undefined && maxBytes === undefined) return [];
  const listed = runs.filter(({ state, isRunning }) => state === "listed" && !isRunning);
  const newer = new Map<string, number>();
  const isOld = (run: StoredRun): boolean => {
    const count = newer.get(run.experiment) ?? 0;
    newer.set(run.experiment, count + 1);
    return count >= (keepLast ?? 0) && run.lastActiveMs < nowMs - (olderThanMs ?? 0);
  };
  return [...listed].reverse().filter(isOld).reverse();
}
