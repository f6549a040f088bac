import type { Dimension } from "./dimensions.ts";
import type { Model } from "./model.ts";

/** At one price for all, what takes longer costs more: the front of the time is that of the cost. */
const costKeys = { meanSeconds: ["seconds", "cost"], parameterCount: ["parameters"], meanUsd: ["cost"] } as const;

/**
 * The configurations on the comparison's Pareto front of two dimensions, cheapest first; empty if it has no front of
 * them. Fronts are of all configurations, whatever the filters say.
 */
export function frontOf({ data, entries }: Model, x: Dimension, y: Dimension): number[] {
  const front = data.comparison.pareto.find(({ metric, cost }) => {
    const keys: readonly string[] = costKeys[cost];
    return (metric === y.key && keys.includes(x.key)) || (metric === x.key && keys.includes(y.key));
  });
  if (front === undefined) return [];
  const indices = new Map(entries.map(({ row, index }) => [row.configurationId, index]));
  return front.configurationIds.flatMap((id) => indices.get(id) ?? []);
}
