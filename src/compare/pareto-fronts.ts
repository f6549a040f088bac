import { paretoFront } from "../metrics/pareto-front.ts";
import type { ConfigurationRow } from "./comparison.ts";
import type { ParetoCost, ParetoFront, RankingMetric } from "./comparison-statistics.ts";

const costs: readonly ParetoCost[] = ["meanSeconds", "parameterCount", "meanUsd"];

/**
 * For each cost that all ranked configurations have: those that are not beaten in metric and cost together.
 * @param rows ranked or not; ranked ones without the cost leave its front out
 */
export function paretoFronts(rows: readonly ConfigurationRow[], metric: RankingMetric): ParetoFront[] {
  const ranked = rows.filter(({ rank }) => rank !== undefined);
  return costs.flatMap((cost) => {
    const choices = ranked.flatMap((row) => {
      const [gain, price] = [row.metrics[metric]?.mean, row[cost]];
      return gain === undefined || price === undefined ? [] : [{ gain, cost: price }];
    });
    if (choices.length < ranked.length || ranked.length === 0) return [];
    const configurationIds = paretoFront(choices).flatMap((index) => ranked[index]?.configurationId ?? []);
    return [{ metric, cost, configurationIds }];
  });
}
