import type { Comparison } from "../compare/comparison.ts";
import type { Plan, PlannedData, PlannedModel } from "../plan/plan.ts";
import type { Json } from "./pack-columns.ts";
import type { ReportSettings } from "./report-data.ts";

/** What each configuration is made of, in the comparison's order, for differences between them. */
export function collectSettings(plan: Plan, { configurations }: Comparison): ReportSettings {
  const planned = new Map(plan.configurations.map((configuration) => [configuration.id, configuration]));
  return {
    data: plan.data.map(describeData),
    model: plan.models.map(describeModel),
    training: plan.trainings.map(asJson),
    evaluation: plan.evaluations.map(asJson),
    configurations: configurations.map(({ configurationId }) => {
      const found = planned.get(configurationId);
      if (found === undefined) throw new RangeError(`the plan has no configuration ${configurationId}`);
      const { data, model, training, evaluation } = found;
      return { data, model, training, evaluation };
    }),
  };
}

function describeData({ spec, dataset, trainCount, validationCount, testCount }: PlannedData): Json {
  return asJson({ ...spec, sha256: dataset.sha256, trainCount, validationCount, testCount });
}

function describeModel({ name, layers, parameterCount, initialWeights }: PlannedModel): Json {
  return asJson({
    name,
    layers: Object.fromEntries(layers.map(({ name, layer }) => [name, layer])),
    parameterCount,
    initialWeights: initialWeights?.spec,
  });
}

/** As it is stored: without `undefined`. */
function asJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
