import { isAtOrBelow } from "../issue.ts";
import { readAtPath } from "../sweep-path.ts";
import type { Condition, SweepAxis, SweepPoint } from "./sweep-space.ts";

/** Reads what a field is compared with: a value, a list of values, or a map of comparisons. */
export function readComparison(given: unknown): Pick<Condition, "allowed" | "accepts"> {
  if (Array.isArray(given)) return oneOf(given);
  if (typeof given !== "object" || given === null) return oneOf([given]);
  const tests = Object.entries(given).map(([sign, bound]) => comparisonWith(sign, bound));
  return { allowed: undefined, accepts: (value) => value !== undefined && tests.every((test) => test(value)) };
}

function oneOf(values: readonly unknown[]): Pick<Condition, "allowed" | "accepts"> {
  return { allowed: values, accepts: (value) => values.some((allowed) => isEqual(value, allowed)) };
}

function comparisonWith(sign: string, bound: unknown): (value: unknown) => boolean {
  if (sign === "!=") {
    const { accepts } = readComparison(bound);
    return (value) => !accepts(value);
  }
  if (typeof bound !== "number") return () => false;
  const compare = comparisons[sign] ?? (() => false);
  return (value) => typeof value === "number" && compare(value, bound);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && a !== null && JSON.stringify(a) === JSON.stringify(b));
}

/** Tells whether points fulfil all conditions of a list. */
export type PointTest = (point: SweepPoint) => boolean;

/**
 * Makes the test of a list of conditions. Each condition is evaluated once for each swept value, so that a million
 * points take no longer than looking that many results up.
 * @param document the experiment as written: what a point doesn't sweep
 */
export function createPointTest(conditions: readonly Condition[], document: unknown): PointTest {
  const tests = conditions.map((condition) => testOf(condition, document));
  return (point) => tests.every((test) => test(point));
}

function testOf(condition: Condition, document: unknown): PointTest {
  const asWritten = condition.accepts(readAtPath(document, condition.path));
  const resultsByAxis = new Map<SweepAxis, readonly boolean[] | undefined>();
  const resultsOf = (axis: SweepAxis) => {
    if (!resultsByAxis.has(axis)) resultsByAxis.set(axis, evaluate(condition, axis));
    return resultsByAxis.get(axis);
  };
  return (point) => {
    // A field that a branch adds inside a swept map comes after the map.
    for (let position = point.length - 1; position >= 0; position--) {
      const choice = point[position];
      const results = choice && resultsOf(choice.axis);
      if (choice && results) return results[choice.index] === true;
    }
    return asWritten;
  };
}

/** The result for each value of an axis; undefined if the axis has nothing to do with the condition. */
function evaluate({ path, accepts }: Condition, axis: SweepAxis): readonly boolean[] | undefined {
  if (!isAtOrBelow(path, axis.path)) return undefined;
  const inside = path.slice(axis.path.length);
  return axis.choices.map(({ value }) => accepts(readAtPath(value, inside)));
}

/** Whether no configuration can fulfil both lists of conditions: they want different values of the same field. */
export function excludeEachOther(some: readonly Condition[], others: readonly Condition[]): boolean {
  return some.some((one) =>
    others.some((other) => {
      if (one.text !== other.text) return false;
      return isDisjoint(one, other) || isDisjoint(other, one);
    }),
  );
}

function isDisjoint({ allowed }: Condition, { accepts }: Condition): boolean {
  return allowed !== undefined && !allowed.some((value) => accepts(value));
}
