import type { Comparison, ConfigurationRow } from "../compare/comparison.ts";
import type { Importance, ParetoCost } from "../compare/comparison-statistics.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { figureOf } from "./figures.ts";
import { duration, fixedDecimals, grouped, percent, pValue } from "./number-formats.ts";
import type { Table } from "./table.ts";

/** Which fields matter, most important first. */
export function importanceTable({ fields }: Importance): Table {
  return {
    columns: [
      { key: "path", label: "field", align: "left" },
      { key: "share", label: "share", align: "right", format: percent },
      { key: "permutation", label: "drop of R²", align: "right", format: fixedDecimals(3) },
      { key: "sd", label: "± (trees)", align: "right", format: fixedDecimals(3) },
      { key: "rankCorrelation", label: "rank correlation", align: "right", format: fixedDecimals(2) },
      { key: "rankCorrelationP", label: "p", align: "right", format: pValue },
    ],
    rows: fields.map((field) => ({ ...field })),
  };
}

const costs: Readonly<Record<ParetoCost, { readonly label: string; readonly format: (value: number) => string }>> = {
  meanSeconds: { label: "time a trial", format: duration },
  parameterCount: { label: "parameters", format: grouped },
  meanUsd: { label: "USD a trial", format: fixedDecimals(4) },
};

/** Each Pareto front, cheapest first. */
export function paretoTables(comparison: Comparison): { readonly title: string; readonly table: Table }[] {
  const rows = new Map(comparison.configurations.map((row) => [row.configurationId, row]));
  return comparison.pareto.map(({ metric, cost, configurationIds }) => {
    const figure = figureOf(metric);
    const front = configurationIds.flatMap((id): readonly ConfigurationRow[] => {
      const row = rows.get(id);
      return row === undefined ? [] : [row];
    });
    return {
      title: `Not beaten in ${figure.label} and ${costs[cost].label} together:`,
      table: {
        columns: [
          { key: "rank", label: "#", align: "right" },
          { key: "configuration", label: "configuration", align: "left" },
          { key: "cost", label: costs[cost].label, align: "right", format: costs[cost].format },
          { key: "mean", label: figure.label, align: "right", format: figure.format },
        ],
        rows: front.map((row) => ({
          rank: row.rank ?? null,
          configuration: describeConfiguration(row.values, comparison.columns),
          cost: row[cost] ?? null,
          mean: row.metrics[metric]?.mean ?? null,
        })),
      },
    };
  });
}
