import { objectKeys, trialFiles } from "../../contract/object-keys.ts";
import type { TrialId } from "../../plan/plan.ts";
import { provenanceFolder } from "../provenance.ts";
import type { SizedObject } from "../store.ts";
import type { StoredRun, StoredTrial } from "./survey-runs.ts";

/** What is to be removed. */
export interface GarbageRules {
  /** Runs that are removed as a whole, or with `checkpointsOnly` lose their checkpoints; empty = only what is garbage anyway. */
  readonly runs: ReadonlySet<StoredRun>;
  /** Of those runs only the checkpoints, also of trials that aren't finished; of all runs, also checkpoints kept on purpose. */
  readonly checkpointsOnly: boolean;
}

/** Something to be removed. */
export interface Removal {
  readonly run: StoredRun;
  /** `rest`: what belongs to no trial, of a run that is removed. */
  readonly what: "trial" | "checkpoints" | "rest";
  /** Absent for `rest`. */
  readonly trial?: StoredTrial;
  readonly objects: readonly SizedObject[];
}

/** Something that stays although it was to be removed. */
export interface Kept {
  readonly run: StoredRun;
  readonly trialId?: TrialId;
  readonly reason: string;
}

/** What a cleaning of a store removes, and what it leaves. */
export interface GarbagePlan {
  readonly removals: readonly Removal[];
  readonly kept: readonly Kept[];
  /** Runs that aren't there any more afterwards, but for trials that others need. */
  readonly removedRuns: readonly StoredRun[];
  readonly bytes: number;
}

/** Which run the ledger says has finished a trial: key of the record's folder. */
export type Owners = ReadonlyMap<TrialId, string>;

/**
 * What is to be removed, and what has to stay because runs that remain need it: trials that they took over, and trials
 * whose weights their models start from. A run that may be running loses nothing but checkpoints of finished trials.
 * Pure.
 * @param owners of the trials in the runs that are to be removed, at least
 */
export function planGarbage(runs: readonly StoredRun[], rules: GarbageRules, owners: Owners): GarbagePlan {
  const isRemoved = (run: StoredRun): boolean =>
    run.state === "removed" || (rules.runs.has(run) && !rules.checkpointsOnly && !run.isRunning);
  const needs = collectNeeds(runs.filter((run) => !isRemoved(run)));
  const removals: Removal[] = [];
  const kept: Kept[] = [];
  for (const run of runs) {
    if (rules.runs.has(run) && run.isRunning) kept.push({ run, reason: "a process may be running it" });
    if (isRemoved(run)) planRun(run, { needs, owners }, removals, kept);
    else if (run.state === "listed") planCheckpoints(run, rules, removals, kept);
  }
  const bytes = removals.reduce((sum, { objects }) => sum + bytesOf(objects), 0);
  return { removals, kept, removedRuns: runs.filter(isRemoved), bytes };
}

/** What a plan says of some runs. */
export function onlyOf(plan: GarbagePlan, chosen: ReadonlySet<StoredRun>): GarbagePlan {
  const removals = plan.removals.filter(({ run }) => chosen.has(run));
  return {
    removals,
    kept: plan.kept.filter(({ run }) => chosen.has(run)),
    removedRuns: plan.removedRuns.filter((run) => chosen.has(run)),
    bytes: removals.reduce((sum, { objects }) => sum + bytesOf(objects), 0),
  };
}

/** The size of some objects. */
export function bytesOf(objects: readonly SizedObject[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface Needs {
  /** Runs that take a trial over if the ledger has it. */
  readonly takenOver: ReadonlyMap<TrialId, StoredRun>;
  /** Runs whose models start from the record with the key. */
  readonly weights: ReadonlyMap<string, StoredRun>;
}

function collectNeeds(remaining: readonly StoredRun[]): Needs {
  const takenOver = new Map<TrialId, StoredRun>();
  const weights = new Map<string, StoredRun>();
  for (const run of remaining) {
    const own = new Set(run.trials.flatMap(({ trialId, hasResult }) => (hasResult ? trialId : [])));
    for (const { id } of run.plan?.trials ?? []) if (!run.ignoresLedger && !own.has(id)) takenOver.set(id, run);
    for (const { initialWeights } of run.plan?.models ?? [])
      if (initialWeights?.trialKey !== undefined) weights.set(initialWeights.trialKey, run);
  }
  return { takenOver, weights };
}

function planRun(
  run: StoredRun,
  { needs, owners }: { readonly needs: Needs; readonly owners: Owners },
  removals: Removal[],
  kept: Kept[],
): void {
  const keptBefore = kept.length;
  for (const trial of run.trials) {
    const reason = whyNeeded(trial, needs, owners);
    if (reason === undefined) {
      removals.push({ run, what: "trial", trial, objects: trial.objects });
      continue;
    }
    kept.push({ run, trialId: trial.trialId, reason });
    const objects = trial.objects.filter(({ key }) => isCheckpoint(trial, key));
    if (objects.length > 0) removals.push({ run, what: "checkpoints", trial, objects });
  }
  // What stays of a run says where it comes from for as long as it is there.
  const origins = kept.length > keptBefore ? provenanceFolder(run.key) : undefined;
  const rest = run.others.filter(
    ({ key }) => key !== objectKeys.removed(run.key) && (origins === undefined || !key.startsWith(origins)),
  );
  if (rest.length > 0) removals.push({ run, what: "rest", objects: rest });
}

function whyNeeded({ trialId, key, hasResult }: StoredTrial, needs: Needs, owners: Owners): string | undefined {
  if (!hasResult) return undefined;
  const name = ({ experiment, runId }: StoredRun): string => `${experiment} run ${runId}`;
  const weights = needs.weights.get(key);
  if (weights !== undefined) return `models of ${name(weights)} start from its weights`;
  const taker = needs.takenOver.get(trialId);
  const isOwner = (owners.get(trialId) ?? key) === key;
  return taker !== undefined && isOwner ? `${name(taker)} has taken it over` : undefined;
}

function planCheckpoints(run: StoredRun, rules: GarbageRules, removals: Removal[], kept: Kept[]): void {
  const configurations = new Map(run.plan?.trials.map(({ id, configuration }) => [id, configuration]));
  for (const trial of run.trials) {
    const objects = trial.objects.filter(({ key }) => isCheckpoint(trial, key));
    if (objects.length === 0) continue;
    const training = run.plan?.configurations[configurations.get(trial.trialId) ?? -1]?.training ?? -1;
    const keep = run.plan?.trainings[training]?.checkpoint.keep ?? 1;
    const reason = whyCheckpointsStay(run, trial, { rules, isOnPurpose: keep !== 1 && keep !== "last" });
    if (reason === undefined) removals.push({ run, what: "checkpoints", trial, objects });
    else kept.push({ run, trialId: trial.trialId, reason });
  }
}

function whyCheckpointsStay(
  run: StoredRun,
  { hasResult }: StoredTrial,
  { rules, isOnPurpose }: { readonly rules: GarbageRules; readonly isOnPurpose: boolean },
): string | undefined {
  if (!hasResult) {
    if (run.isRunning) return "its trial is not finished, and a process may be training it";
    return rules.checkpointsOnly && rules.runs.has(run)
      ? undefined
      : "its trial is not finished and goes on from there";
  }
  return isOnPurpose && !rules.checkpointsOnly ? "training.checkpoint.keep asks for its checkpoints" : undefined;
}

function isCheckpoint({ key }: StoredTrial, object: string): boolean {
  return object.startsWith(`${key}/${trialFiles.checkpoints}/`);
}
