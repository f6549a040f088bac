import { isAtOrBelow, type DocumentPath, type ExperimentIssue } from "../issue.ts";
import type { YamlValue } from "../schema/yaml-value.ts";
import { readAtPath, setAtPath } from "../sweep-path.ts";
import { createPointTest, excludeEachOther } from "./condition.ts";
import type { Choice, Condition, SweepAxis } from "./sweep-space.ts";
import { badPath, overlap, shadowedPath, type SweptPath } from "./swept-path.ts";

/** An axis whose values share points with another field, and under which conditions. */
export interface Rival {
  readonly axis: SweepAxis;
  readonly conditions: readonly Condition[];
}

/** The circumstances under which a field is set. */
export interface Target {
  /** Where the path is written. */
  readonly place: DocumentPath;
  readonly value: YamlValue;
  readonly document: YamlValue;
  readonly rivals: readonly Rival[];
  /** Conditions under which it is set; none outside `when`. */
  readonly conditions: readonly Condition[];
}

/** What is wrong with setting a field: another axis sets it too, or the path leads nowhere. */
export function checkTarget(swept: SweptPath, target: Target): ExperimentIssue | undefined {
  const { place, value, document, conditions } = target;
  const overlapping = target.rivals.filter(
    (rival) => overlap(rival.axis.path, swept.path) && !excludeEachOther(rival.conditions, conditions),
  );
  const shadowing = overlapping.find(({ axis }) => !isRefined(axis, swept, target));
  if (shadowing) return shadowedPath(shadowing.axis, swept, place);
  // That the path leads somewhere doesn't depend on the value; what is there is checked with each value.
  const documents = overlapping.length > 0 ? documentsWith(overlapping, target) : [document];
  for (const one of documents) {
    const changed = setAtPath(one, swept.path, value);
    if ("problem" in changed) return badPath(place, changed.problem, "name a field of this experiment");
  }
  return undefined;
}

/** Whether a branch sets a field inside a swept map that does not give it itself. */
function isRefined(outer: SweepAxis, swept: SweptPath, target: Target): boolean {
  if (target.conditions.length === 0 || outer.path.length >= swept.path.length) return false;
  const inside = swept.path.slice(outer.path.length);
  return eligibleChoices(outer, target).every(({ value }) => readAtPath(value, inside) === undefined);
}

function documentsWith(outer: readonly Rival[], target: Target): readonly YamlValue[] {
  return outer.flatMap(({ axis }) =>
    eligibleChoices(axis, target).flatMap(({ value }) => {
      const changed = setAtPath(target.document, axis.path, value);
      return "document" in changed ? [changed.document] : [];
    }),
  );
}

/** The values of an axis with which the conditions may hold. */
function eligibleChoices(axis: SweepAxis, { conditions, document }: Target): readonly Choice[] {
  const decided = conditions.filter(({ path }) => isAtOrBelow(path, axis.path));
  const test = createPointTest(decided, document);
  return axis.choices.filter((choice) => test([choice]));
}
