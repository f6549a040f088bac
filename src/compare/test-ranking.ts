import { holm } from "../metrics/multiple-tests.ts";
import { mean } from "../metrics/sample-statistics.ts";
import { cohensD, differenceInterval, pairedTest, welchTest, type StudentTest } from "../metrics/student-test.ts";
import type { ConfigurationId } from "../plan/plan.ts";
import type { AdjustedTest, ConfigurationTest, RankingTests } from "./comparison-statistics.ts";
import type { RankedSeeds } from "./ranked-seeds.ts";

/** Below it a difference counts as real. */
const level = 0.05;
/** Finding ties compares configurations with one another: as many tests as take well under a second. */
const maxTieTests = 50_000;

/**
 * Tests every ranked configuration against the baseline, by Welch's test (which decides) and paired by seed, each
 * corrected for the number of configurations by Holm's method.
 * @param ranked at least two, best first
 * @param baselineId one of them
 */
export function testRanking(
  ranked: readonly RankedSeeds[],
  { metric, baselineId }: Pick<RankingTests, "metric" | "baselineId">,
): RankingTests | undefined {
  const baseline = ranked.find(({ configurationId }) => configurationId === baselineId);
  if (baseline === undefined || ranked.length < 2) return undefined;
  const others = ranked.filter((candidate) => candidate !== baseline);
  const welch = adjust(others.map(({ values }) => welchTest(baseline.values, values)));
  const pairs = others.map((other) => pairBySeed(baseline, other));
  const paired = adjust(pairs.map(([a, b]) => pairedTest(a, b)));
  const tests = others.map((other, index): ConfigurationTest => {
    const [test, pairedOne] = [welch[index], paired[index]];
    const d = cohensD(baseline.values, other.values);
    return {
      configurationId: other.configurationId,
      difference: mean(baseline.values) - mean(other.values),
      ...(test === undefined
        ? { why: whyUntested(baseline, other) }
        : { interval: differenceInterval(test), welch: adjustedTest(test), isDifferent: test.adjustedP < level }),
      ...(pairedOne === undefined
        ? {}
        : { paired: { ...adjustedTest(pairedOne), seeds: pairs[index]?.[0].length ?? 0 } }),
      ...(d === undefined ? {} : { cohensD: d }),
    };
  });
  return { metric, baselineId, level, correction: "holm", tests };
}

/**
 * Ranks with ties: going down the ranking, a configuration shares the rank of the first one that it can't be told from
 * by Welch's test; the first that can be told opens a new rank. Corrected by Holm's method within each rank's tests.
 * @param ranked best first
 * @returns rank by configuration; empty if one of them has a single seed, which can't be told from anything
 */
export function tiedRanks(ranked: readonly RankedSeeds[]): ReadonlyMap<ConfigurationId, number> {
  const ranks = new Map<ConfigurationId, number>();
  if (ranked.some(({ values }) => values.length < 2)) return ranks;
  let testsLeft = maxTieTests;
  for (let head = 0; head < ranked.length; ) {
    const below = ranked.slice(head + 1);
    testsLeft -= below.length;
    if (testsLeft < 0) return ranks;
    const end = head + 1 + countTied(ranked[head], below);
    for (const { configurationId } of ranked.slice(head, end)) ranks.set(configurationId, head + 1);
    head = end;
  }
  return ranks;
}

/** How many directly below the head can't be told from it. */
function countTied(head: RankedSeeds | undefined, below: readonly RankedSeeds[]): number {
  if (head === undefined) return 0;
  const tests = adjust(below.map(({ values }) => welchTest(head.values, values)));
  const firstDifferent = below.findIndex(({ values }, index) => {
    const test = tests[index];
    // Without any spread, whatever differs is different.
    return test === undefined ? mean(values) !== mean(head.values) : test.adjustedP < level;
  });
  return firstDifferent < 0 ? below.length : firstDifferent;
}

type Adjusted = StudentTest & { readonly adjustedP: number };

/** Adjusts the p values of those tests that could be computed; the others don't count. */
function adjust(tests: readonly (StudentTest | undefined)[]): (Adjusted | undefined)[] {
  const adjusted = holm(tests.flatMap((test) => (test === undefined ? [] : [test.p])));
  let next = 0;
  return tests.map((test) => (test === undefined ? undefined : { ...test, adjustedP: adjusted[next++] ?? 1 }));
}

function adjustedTest({ t, degreesOfFreedom, p, adjustedP }: Adjusted): AdjustedTest {
  return { t, degreesOfFreedom, p, adjustedP };
}

function pairBySeed(a: RankedSeeds, b: RankedSeeds): readonly [number[], number[]] {
  const valueOfB = new Map(b.seeds.map((seed, index) => [seed, b.values[index]]));
  const [valuesA, valuesB]: [number[], number[]] = [[], []];
  for (const [index, seed] of a.seeds.entries()) {
    const [own, other] = [a.values[index], valueOfB.get(seed)];
    if (own === undefined || other === undefined) continue;
    valuesA.push(own);
    valuesB.push(other);
  }
  return [valuesA, valuesB];
}

function whyUntested(a: RankedSeeds, b: RankedSeeds): string {
  return Math.min(a.values.length, b.values.length) < 2
    ? "a single seed has no spread to compare the difference with"
    : "all seeds gave the same figure: there is no spread to compare the difference with";
}
