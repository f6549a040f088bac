import type { PlannedConfiguration } from "../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";

/**
 * The configuration that a trial belongs to.
 * @throws RangeError if it isn't in the plan
 */
export function configurationOf({ plan }: Pick<RunRecords, "plan">, { trial }: TrialRecord): PlannedConfiguration {
  const configuration = plan.configurations[trial.configuration];
  if (configuration === undefined)
    throw new RangeError(`trial ${trial.id}: the plan has no configuration number ${trial.configuration}`);
  return configuration;
}
