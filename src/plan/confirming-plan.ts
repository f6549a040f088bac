import type { ConfigurationId, Plan } from "./plan.ts";
import { planIdOf, trialIdOf } from "./trial-id.ts";

/** What is to be run again. */
export interface ConfirmationRequest {
  readonly configurationIds: readonly string[];
  readonly seeds: readonly number[];
}

/**
 * A plan of some configurations of another plan, with seeds of their own: what a suspect night is confirmed by.
 * @throws RangeError if the plan has none of the configurations
 */
export function confirmingPlan(plan: Plan, { configurationIds, seeds }: ConfirmationRequest): Plan {
  const isWanted = (id: ConfigurationId): boolean => configurationIds.includes(id);
  const configurations = plan.configurations.filter(({ id }) => isWanted(id));
  if (configurations.length === 0) throw new RangeError(`the plan has none of ${configurationIds.join(", ")}`);
  const trials = configurations.flatMap(({ id }, configuration) =>
    seeds.map((seed) => ({ id: trialIdOf(id, seed), configuration, seed })),
  );
  return { ...plan, planId: planIdOf(trials), configurations, trials };
}
