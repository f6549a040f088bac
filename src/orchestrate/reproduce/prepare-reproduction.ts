import { objectKeys } from "../../contract/object-keys.ts";
import { loadManifest } from "../../dataset/open-dataset.ts";
import type { Plan, TrialId } from "../../plan/plan.ts";
import { planIdOf } from "../../plan/trial-id.ts";
import type { Store } from "../../record/store.ts";

/**
 * A plan of one trial of another plan, with the same id, so that it can be trained on its own.
 * @param packageVersion of the code that is going to train it
 */
export function planSingleTrial(plan: Plan, trialId: TrialId, packageVersion: string): Plan {
  const trial = plan.trials.find(({ id }) => id === trialId);
  const configuration = plan.configurations[trial?.configuration ?? -1];
  if (trial === undefined || configuration === undefined) throw new RangeError(`the plan has no trial ${trialId}`);
  const trials = [{ ...trial, configuration: 0 }];
  return {
    ...plan,
    code: { ...plan.code, packageVersion },
    planId: planIdOf(trials),
    configurations: [configuration],
    trials,
  };
}

/** The data set of a trial that was there when it was planned, and is not the same here. */
export interface DataDifference {
  readonly name: string;
  readonly recorded: string;
  /** SHA-256 of what is there now; absent = it can't be read. */
  readonly here?: string;
  /** Why it can't be read. */
  readonly problem?: string;
}

/** Whether the data of a plan's only trial are those that it was planned with. @param dataRoot absolute path */
export async function findDataDifference(plan: Plan, dataRoot: string): Promise<DataDifference | undefined> {
  const planned = plan.data[plan.configurations[0]?.data ?? -1];
  if (planned === undefined) throw new RangeError("the plan's trial has no data");
  const { name, sha256: recorded } = planned.dataset;
  const found = await loadManifest(planned.spec.dataset, dataRoot);
  if ("problems" in found) {
    const problem = found.problems.map(({ file, message }) => `${file}: ${message}`).join("; ");
    return { name, recorded, problem };
  }
  return found.manifest.sha256 === recorded ? undefined : { name, recorded, here: found.manifest.sha256 };
}

/** Copies the records whose weights a plan's models start from. */
export async function copyInitialWeights(plan: Plan, from: Store, to: Store): Promise<void> {
  const keys = new Set(plan.models.flatMap(({ initialWeights }) => initialWeights?.trialKey ?? []));
  for (const record of keys) {
    for (const key of await from.list(`${record}/`)) {
      const bytes = await from.get(key);
      if (bytes !== undefined) await to.putIfAbsent(key, bytes);
    }
  }
}

/** Key of the only trial's record in a run of a plan of one trial. */
export function onlyTrialKey(plan: Plan, runId: string): string {
  return objectKeys.trial(objectKeys.run(plan.experiment, runId), plan.trials[0]?.id ?? "");
}
