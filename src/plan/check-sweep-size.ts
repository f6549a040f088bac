import { isAtOrBelow, type ExperimentIssue } from "../spec/issue.ts";
import type { YamlValue } from "../spec/schema/experiment.ts";
import { maxTrialCount } from "../spec/schema/sweep.ts";
import { countBasePoints, isPlain, sweepPoints, type UsedConstraints } from "../spec/sweep/sweep-points.ts";
import type { Branch, Exclusion, SweepAxis, SweepSpace } from "../spec/sweep/sweep-space.ts";
import type { SweepReading } from "../spec/sweep/read-sweep.ts";
import { formatCount } from "./shape.ts";

/** More points than this are not gone through to see which of them the exclusions leave. */
const maxPointCount = 1_000_000;

/**
 * What is wrong with a sweep as a whole: too large, empty, or with conditions that never hold. Points are counted
 * without building a configuration.
 * @param seedCount replicates of every configuration
 * @returns whether the sweep is small enough to be expanded, and the issues
 */
export function checkSweepSize(
  { space, axes, issues: ofPaths }: SweepReading,
  document: YamlValue,
  seedCount: number,
): { readonly isExpandable: boolean; readonly issues: readonly ExperimentIssue[] } {
  const base = countBasePoints(space);
  if (isPlain(space)) {
    const isExpandable = base * seedCount <= maxTrialCount;
    return { isExpandable, issues: isExpandable ? [] : [tooManyTrials(base, sizesOf(space, base), seedCount)] };
  }
  if (base > maxPointCount) return { isExpandable: false, issues: [tooManyPoints(base)] };
  const used: UsedConstraints = new Set();
  const count = countPoints(space, document, used);
  if (count * seedCount > maxTrialCount)
    return { isExpandable: false, issues: [tooManyTrials(count, formatCount(count), seedCount)] };
  // A condition whose path is wrong has its issue already.
  const issues = withoutEffect(space, axes, used).filter(
    (idle) => !ofPaths.some(({ path }) => isAtOrBelow(path, idle.path)),
  );
  const isEmpty = count === 0 && issues.length === 0 && ofPaths.length === 0;
  return { isExpandable: true, issues: isEmpty ? [nothingLeft(base)] : issues };
}

/** The issue of a sweep with more trials than the experiment allows itself. */
export function checkMaxTrials(
  trialCount: number,
  configurationCount: number,
  maxTrials: number | undefined,
): readonly ExperimentIssue[] {
  if (maxTrials === undefined || trialCount <= maxTrials) return [];
  const seeds = trialCount / configurationCount;
  const count = `${formatCount(trialCount)} trials (${formatCount(configurationCount)} configurations × ${countSeeds(seeds)})`;
  return [
    {
      code: "too-many-trials",
      path: ["sweep", "maxTrials"],
      message: `got ${formatCount(maxTrials)}, but the sweep has ${count}`,
      fix: `sweep less, or write \`maxTrials: ${trialCount}\``,
    },
  ];
}

function countPoints(space: SweepSpace, document: YamlValue, used: UsedConstraints): number {
  let count = 0;
  for (const _ of sweepPoints(space, document, used)) if (++count > maxPointCount) break;
  return count;
}

function sizesOf({ union, factors }: SweepSpace, count: number): string {
  return union.length > 0 ? formatCount(count) : factors.map((factor) => factor.length).join(" × ");
}

function tooManyTrials(configurationCount: number, sizes: string, seedCount: number): ExperimentIssue {
  const isCut = configurationCount > maxPointCount && !sizes.includes("×");
  const trials = `${isCut ? "more than " : ""}${formatCount(configurationCount * seedCount)} trials`;
  return {
    code: "too-many-trials",
    path: ["sweep"],
    message: `the sweep has ${trials} (${sizes} configurations × ${countSeeds(seedCount)}); at most ${formatCount(maxTrialCount)} are possible`,
    fix: "sweep fewer fields, values or seeds",
  };
}

function countSeeds(count: number): string {
  return count === 1 ? "1 seed" : `${count} seeds`;
}

function tooManyPoints(base: number): ExperimentIssue {
  return {
    code: "too-many-trials",
    path: ["sweep"],
    message: `the sweep has ${formatCount(base)} points before \`when\` and \`exclude\` are applied; at most ${formatCount(maxPointCount)} can be looked at`,
    fix: "sweep fewer fields or values, or draw some of them with `random`",
  };
}

function nothingLeft(base: number): ExperimentIssue {
  return {
    code: "nothing-to-run",
    path: ["sweep"],
    message: `\`exclude\` leaves none of the ${formatCount(base)} configurations`,
    fix: "remove an entry of `exclude`, or make it match less",
  };
}

/** Conditions that hold for no point are mistakes, unless other draws might fulfil them. */
function withoutEffect(space: SweepSpace, axes: readonly SweepAxis[], used: UsedConstraints): ExperimentIssue[] {
  const isIdle = (constraint: Branch | Exclusion) =>
    !used.has(constraint) && constraint.conditions.length > 0 && !looksAtDraws(constraint, axes);
  return [
    ...space.branches.filter(isIdle).map(({ place }) => ({
      code: "when-without-effect",
      path: place,
      message: "no configuration of the sweep fulfils this condition, so nothing below it would be used",
      fix: "compare with a value that is swept or written, or remove the entry",
    })),
    ...space.exclusions.filter(isIdle).map(({ place }) => ({
      code: "exclude-without-effect",
      path: place,
      message: "this entry leaves no configuration of the sweep out, or only what an earlier one leaves out",
      fix: "compare with a value that is swept or written, or remove the entry",
    })),
    ...space.union.flatMap((member) => withoutEffect(member, axes, used)),
  ];
}

function looksAtDraws({ conditions }: Branch | Exclusion, axes: readonly SweepAxis[]): boolean {
  const drawn = axes.filter(({ keyPlace }) => keyPlace.at(-2) === "space");
  return conditions.some(({ path }) => drawn.some((axis) => isAtOrBelow(path, axis.path)));
}
