import { type EstimatedConfiguration, estimate } from "./estimate.ts";
import { memoize } from "./memoize.ts";
import type { Plan, PlannedConfiguration, PlannedTrial } from "./plan.ts";
import { configurationIdOf, hashData, hashEvaluation, hashModel, hashTraining, trialIdOf } from "./trial-id.ts";

/** The parts of a plan that configurations add to. */
export type PlanContent = Pick<Plan, "data" | "models" | "trainings" | "evaluations" | "configurations" | "trials">;

/** A plan in the making. */
export interface PlanTables {
  /** Adds a configuration with its trials, unless an equal one is there already. */
  add(configuration: EstimatedConfiguration, values: PlannedConfiguration["values"]): void;
  readonly content: PlanContent;
}

/**
 * An empty plan.
 * @param seeds seeds of every configuration, each once
 * @param resultsVersion see `CodeIdentity`
 */
export function createPlanTables(seeds: readonly number[], resultsVersion: number): PlanTables {
  const data = createTable(hashData);
  const models = createTable(hashModel);
  const trainings = createTable(hashTraining);
  const evaluations = createTable(hashEvaluation);
  const configurations: PlannedConfiguration[] = [];
  const trials: PlannedTrial[] = [];
  const known = new Set<string>();
  const add: PlanTables["add"] = (configuration, values) => {
    const hashes = {
      data: data.hashOf(configuration.data),
      model: models.hashOf(configuration.model),
      training: trainings.hashOf(configuration.training),
      evaluation: evaluations.hashOf(configuration.evaluation),
    };
    const id = configurationIdOf(hashes, resultsVersion);
    if (known.has(id)) return;
    known.add(id);
    const index = configurations.length;
    configurations.push({
      id,
      values,
      data: data.indexOf(configuration.data),
      model: models.indexOf(configuration.model),
      training: trainings.indexOf(configuration.training),
      evaluation: evaluations.indexOf(configuration.evaluation),
      estimate: estimate(configuration),
    });
    for (const seed of seeds) trials.push({ id: trialIdOf(id, seed), configuration: index, seed });
  };
  const content = {
    data: data.entries,
    models: models.entries,
    trainings: trainings.entries,
    evaluations: evaluations.entries,
    configurations,
    trials,
  };
  return { add, content };
}

/** Each object once, in the order of first use. */
function createTable<Entry extends object>(hash: (entry: Entry) => string) {
  const entries: Entry[] = [];
  const indexOf = memoize((entry: Entry) => entries.push(entry) - 1);
  return { entries, indexOf, hashOf: memoize(hash) };
}
