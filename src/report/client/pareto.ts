import type { Dimension } from "./dimensions.ts";
import type { Model } from "./model.ts";

const costKeys = { meanSeconds: "seconds", parameterCount: "parameters", meanUsd: "cost" } as const;

/**
 * The configurations on the comparison's Pareto front of two dimensions, cheapest first; empty if it has no front of
 * them. Fronts are of all configurations, whatever the filters say.
 */
export function frontOf({ data, entries }: Model, x: Dimension, y: Dimension): number[] {
  const front = (data.comparison.pareto ?? []).find(
    ({ metric, cost }) =>
      (metric === y.key && costKeys[cost] === x.key) || (metric === x.key && costKeys[cost] === y.key),
  );
  if (front === undefined) return [];
  const indices = new Map(entries.map(({ row, index }) => [row.configurationId, index]));
  return front.configurationIds.flatMap((id) => indices.get(id) ?? []);
}
