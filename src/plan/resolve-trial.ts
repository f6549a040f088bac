import type { Plan, ResolvedTrial } from "./plan.ts";

/**
 * Looks a trial up in its plan.
 * @param index index into `plan.trials`
 * @throws RangeError if the plan has no such trial or points outside its own tables
 */
export function resolveTrial(plan: Plan, index: number): ResolvedTrial {
  const trial = entry(plan.trials, index, "trials");
  const configuration = entry(plan.configurations, trial.configuration, "configurations");
  return {
    index,
    id: trial.id,
    seed: trial.seed,
    configuration,
    data: entry(plan.data, configuration.data, "data"),
    model: entry(plan.models, configuration.model, "models"),
    training: entry(plan.trainings, configuration.training, "trainings"),
    evaluation: entry(plan.evaluations, configuration.evaluation, "evaluations"),
  };
}

function entry<T>(table: readonly T[], index: number, name: string): T {
  const value = table[index];
  if (value === undefined)
    throw new RangeError(`the plan's ${name} have ${table.length} entries, there is no number ${index}`);
  return value;
}
