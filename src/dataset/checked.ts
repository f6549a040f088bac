import type { DatasetProblem } from "./dataset-problem.ts";

/** A value, or everything that kept it from being made. */
export type Checked<Value> = { readonly value: Value } | { readonly problems: readonly DatasetProblem[] };

/** A failed check with its one problem. */
export function refuse(problem: DatasetProblem): { readonly problems: readonly DatasetProblem[] } {
  return { problems: [problem] };
}

/** The next check on a value; problems of the one before are passed on. */
export function andThen<Value, Next>(checked: Checked<Value>, next: (value: Value) => Checked<Next>): Checked<Next> {
  return "problems" in checked ? checked : next(checked.value);
}

/** The values of two independent checks, or the problems of both. */
export function both<First, Second>(first: Checked<First>, second: Checked<Second>): Checked<readonly [First, Second]> {
  if ("value" in first && "value" in second) return { value: [first.value, second.value] };
  return { problems: [...problemsOf(first), ...problemsOf(second)] };
}

/** The values of any number of independent checks in their order, or the problems of all. */
export function all<Value>(checks: readonly Checked<Value>[]): Checked<readonly Value[]> {
  const problems = checks.flatMap(problemsOf);
  if (problems.length > 0) return { problems };
  return { value: checks.flatMap((check) => ("value" in check ? [check.value] : [])) };
}

function problemsOf(checked: Checked<unknown>): readonly DatasetProblem[] {
  return "problems" in checked ? checked.problems : [];
}
