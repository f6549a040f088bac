import type { SweptValues } from "../compare/comparison.ts";

/**
 * Short names for swept paths: the shortest end of each path that no other one shares.
 * @returns labels by path, e.g. `learningRate` for `training.optimizer.learningRate`
 */
export function columnLabels(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, shortestOwnEnd(path, paths)]));
}

function shortestOwnEnd(path: string, paths: readonly string[]): string {
  const parts = path.split(".");
  for (let length = 1; length < parts.length; length++) {
    const end = parts.slice(-length).join(".");
    if (paths.every((other) => other === path || !`.${other}`.endsWith(`.${end}`))) return end;
  }
  return path;
}

/**
 * A configuration in words: `lenet5 · learningRate 0.001`. Texts speak for themselves, numbers and claims are named.
 * @param columns paths that differ between the configurations; none if there is only one
 */
export function describeConfiguration(values: SweptValues, columns: readonly string[]): string {
  const labels = columnLabels(columns);
  const parts = columns.flatMap((path) => {
    const value = values[path];
    if (value === undefined) return [];
    return typeof value === "string" ? [value] : [`${labels.get(path) ?? path} ${String(value)}`];
  });
  if (parts.length > 0) return parts.join(" · ");
  return columns.length === 0 ? "the only configuration" : "as written";
}
