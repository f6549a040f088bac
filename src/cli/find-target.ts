import { objectKeys } from "../contract/object-keys.ts";
import type { RunDocument } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { findRun, type RunReference } from "./find-run.ts";

/** A run, and the trials of it that were meant by name. */
export interface Target {
  readonly run: RunDocument;
  /** Ids; empty = none was named. */
  readonly trialIds: readonly string[];
}

/** Shorter beginnings of ids hit something by chance. */
const runIdStart = /^\d{8}T/;
const trialIdStart = /^[0-9a-f]{4,}$/;

/**
 * Finds what a person means by an experiment's name or file, the beginning of a run's id, or of a trial's id.
 * @throws CliError `missingInput` that says what there is instead
 */
export async function findTarget(store: Store, reference: RunReference): Promise<Target> {
  const { target, run } = reference;
  if (run === undefined && (runIdStart.test(target) || trialIdStart.test(target))) {
    const { listRuns } = await import("../record/run-store.ts");
    const runs = (await listRuns(store)).reverse();
    const isExperiment = runs.some(({ experiment }) => experiment === target);
    const byId = isExperiment ? [] : runs.filter(({ runId }) => runId.startsWith(target));
    if (byId[0] !== undefined)
      return { run: await findRun(store, runReference(byId[0].experiment, target)), trialIds: [] };
    const byTrial = isExperiment || !trialIdStart.test(target) ? undefined : await findTrials(store, runs, target);
    if (byTrial !== undefined) return byTrial;
  }
  return { run: await findRun(store, reference), trialIds: [] };
}

function runReference(target: string, run: string): RunReference {
  return { target, run };
}

/** The newest run that has begun a trial. */
async function findTrials(store: Store, runs: readonly RunDocument[], start: string): Promise<Target | undefined> {
  for (const run of runs) {
    const begun = await store.listFolders(`${objectKeys.run(run.experiment, run.runId)}/trials/`);
    const trialIds = begun.filter((id) => id.startsWith(start));
    if (trialIds.length > 0) return { run, trialIds };
  }
  return undefined;
}
