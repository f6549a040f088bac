import { flattenFields } from "../../plan/outlook/flatten-fields.ts";
import type { Plan, PlannedTrial } from "../../plan/plan.ts";

/**
 * Everything that a trial's configuration says, by path, as `training.optimizer.learningRate`; texts without quotes. Of
 * the architecture its name, its layers' names and its number of parameters.
 */
export function trialFields(plan: Plan, { configuration: index }: PlannedTrial): ReadonlyMap<string, string> {
  const configuration = plan.configurations[index];
  if (configuration === undefined) throw new RangeError(`the plan has no configuration number ${index}`);
  const data = plan.data[configuration.data];
  const model = plan.models[configuration.model];
  const fields = flattenFields({
    data: data && {
      ...data.spec,
      dataset: data.dataset.name,
      sha256: data.dataset.sha256,
      trainCount: data.trainCount,
      validationCount: data.validationCount,
      testCount: data.testCount,
    },
    model: model && {
      name: model.name,
      parameterCount: model.parameterCount,
      layers: model.layers.map(({ name }) => name).join(" → "),
    },
    training: plan.trainings[configuration.training],
    evaluation: plan.evaluations[configuration.evaluation],
  });
  return new Map([...fields].map(([path, text]) => [path, withoutQuotes(text)]));
}

function withoutQuotes(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}
