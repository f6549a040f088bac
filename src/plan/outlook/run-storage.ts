import type { Plan } from "../plan.ts";
import { estimateStorage } from "./estimate-storage.ts";
import { sectionsOf } from "./outlook.ts";

/** What the trials of a plan that are still to be trained write. */
export interface RunStorage {
  /** What they leave when all are finished. */
  readonly totalBytes: number;
  /** What the largest one may need at a moment besides what it leaves: a checkpoint that replaces another. */
  readonly largestTrialBytes: number;
}

/** Works out what the trials of a plan write. @param isOpen whether a trial is still to be trained, by its index */
export function estimateRunStorage(plan: Plan, isOpen: (trialIndex: number) => boolean): RunStorage {
  const ofConfiguration = plan.configurations.map((configuration) => estimateStorage(sectionsOf(plan, configuration)));
  const open = plan.trials.flatMap(({ configuration }, index) => {
    const stored = ofConfiguration[configuration];
    return isOpen(index) && stored !== undefined ? [stored] : [];
  });
  return {
    totalBytes: open.reduce((sum, { total }) => sum + total, 0),
    largestTrialBytes: open.reduce((most, stored) => Math.max(most, stored.total + stored.bytesPerCheckpoint), 0),
  };
}
