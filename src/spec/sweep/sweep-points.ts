import type { YamlValue } from "../schema/yaml-value.ts";
import { setAtPath } from "../sweep-path.ts";
import { createPointTest, type PointTest } from "./condition.ts";
import type { Branch, Exclusion, Factor, SweepPoint, SweepSpace } from "./sweep-space.ts";

/** A branch or exclusion that had an effect on some point. */
export type UsedConstraints = Set<Branch | Exclusion>;

/**
 * Goes through all points of a space that no exclusion removes; nothing is built for those that are removed.
 * The order: members of the union one after another, then random, quasiRandom, cases, zip and grid, the first slowest,
 * then what `when` adds.
 * @param document the experiment as written: conditions also look at what is not swept
 * @param used filled with the branches and exclusions that applied to a point
 */
export function* sweepPoints(
  space: SweepSpace,
  document: YamlValue,
  used: UsedConstraints = new Set(),
): Generator<SweepPoint> {
  const branches = space.branches.map((branch) => ({ of: branch, ...branch, ...tested(branch, document) }));
  const exclusions = space.exclusions.map((exclusion) => ({ of: exclusion, ...tested(exclusion, document) }));
  for (const start of unionPoints(space, document, used))
    for (const point of withBranches(combine(start, space.factors), branches, used)) {
      const removing = exclusions.find(({ test }) => test(point));
      if (removing) used.add(removing.of);
      else yield point;
    }
}

/** Number of points before branches and exclusions. */
export function countBasePoints({ union, factors }: SweepSpace): number {
  const first = union.length === 0 ? 1 : union.reduce((sum, member) => sum + countBasePoints(member), 0);
  return factors.reduce((product, factor) => product * factor.length, first);
}

/** Whether every point that is counted is also gone through, once. */
export function isPlain({ union, branches, exclusions }: SweepSpace): boolean {
  return branches.length === 0 && exclusions.length === 0 && union.every(isPlain);
}

/** The experiment with the values of a point written in, outer fields first. */
export function documentAt(document: YamlValue, point: SweepPoint): YamlValue {
  return point.reduce((current, { axis, value }) => {
    const changed = setAtPath(current, axis.path, value);
    // Every path was tried when the sweep was read.
    if ("problem" in changed) throw new Error(`${axis.text}: ${changed.problem}`);
    return changed.document;
  }, document);
}

interface TestedBranch {
  readonly of: Branch;
  readonly factors: readonly Factor[];
  readonly test: PointTest;
}

function tested({ conditions }: Pick<Branch, "conditions">, document: YamlValue): { readonly test: PointTest } {
  // A condition that could not be read holds nowhere; it has its issue.
  return { test: conditions.length === 0 ? () => false : createPointTest(conditions, document) };
}

function* unionPoints(space: SweepSpace, document: YamlValue, used: UsedConstraints): Generator<SweepPoint> {
  if (space.union.length === 0) yield [];
  for (const member of space.union) yield* sweepPoints(member, document, used);
}

/** All combinations of the factors' partial points, the last factor fastest. */
function* combine(start: SweepPoint, factors: readonly Factor[], depth = 0): Generator<SweepPoint> {
  const factor = factors[depth];
  if (factor === undefined) yield start;
  else if (depth === factors.length - 1) for (const part of factor) yield [...start, ...part];
  else for (const part of factor) yield* combine([...start, ...part], factors, depth + 1);
}

/** Adds what branches sweep to the points that fulfil their conditions; later branches see what earlier ones added. */
function* withBranches(
  points: Iterable<SweepPoint>,
  branches: readonly TestedBranch[],
  used: UsedConstraints,
  depth = 0,
): Generator<SweepPoint> {
  const branch = branches[depth];
  if (branch === undefined) yield* points;
  else
    for (const point of points) {
      const applies = branch.test(point);
      if (applies) used.add(branch.of);
      yield* withBranches(applies ? combine(point, branch.factors) : [point], branches, used, depth + 1);
    }
}
