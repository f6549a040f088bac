import type { Plan } from "../plan.ts";

/** Why a plan has as many trials as it has. */
export interface SweepFactors {
  readonly trials: number;
  readonly configurations: number;
  readonly seeds: number;
  /** Swept paths with the number of their different values, in the sweep's order; those with one value left out. */
  readonly paths: readonly { readonly path: string; readonly values: number }[];
  /** Combinations of all those values. */
  readonly combinations: number;
}

/** Takes the number of trials apart: seeds × configurations, and these by swept path. */
export function sweepFactors({ configurations, trials }: Plan): SweepFactors {
  const valuesByPath = new Map<string, Set<unknown>>();
  for (const { values } of configurations) {
    for (const [path, value] of Object.entries(values)) {
      const seen = valuesByPath.get(path) ?? new Set();
      valuesByPath.set(path, seen.add(value));
    }
  }
  const paths = [...valuesByPath]
    .map(([path, seen]) => ({ path, values: seen.size }))
    .filter(({ values }) => values > 1);
  return {
    trials: trials.length,
    configurations: configurations.length,
    seeds: new Set(trials.map(({ seed }) => seed)).size,
    paths,
    combinations: paths.reduce((product, { values }) => product * values, 1),
  };
}
