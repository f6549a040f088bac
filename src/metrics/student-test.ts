import { incompleteBeta } from "./incomplete-beta.ts";
import { mean, sampleStandardDeviation } from "./sample-statistics.ts";
import { studentQuantile, type Interval } from "./student-interval.ts";

/** What a t test found out. */
export interface StudentTest {
  /** Mean of a − mean of b. */
  readonly difference: number;
  readonly standardError: number;
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided: how probable a difference of that size or more is if there is none, 0…1. */
  readonly p: number;
}

/**
 * Welch's test of two means, whatever the two variances are. For values that are roughly normal.
 * @param a shape [m], m ≥ 2
 * @param b shape [n], n ≥ 2
 * @returns undefined if it can't be computed: fewer than two values on a side, or no spread on either
 * @see scipy.stats.ttest_ind with `equal_var=False`; Welch (1947), Biometrika 34; degrees of freedom by Satterthwaite (1946)
 */
export function welchTest(a: readonly number[], b: readonly number[]): StudentTest | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const partA = sampleStandardDeviation(a) ** 2 / a.length;
  const partB = sampleStandardDeviation(b) ** 2 / b.length;
  const variance = partA + partB;
  if (isNoise(variance, mean(a), mean(b))) return undefined;
  // In shares of the variance: squares of tiny variances would underflow.
  const [shareA, shareB] = [partA / variance, partB / variance];
  const degreesOfFreedom = 1 / (shareA ** 2 / (a.length - 1) + shareB ** 2 / (b.length - 1));
  return testOf(mean(a) - mean(b), Math.sqrt(variance), degreesOfFreedom);
}

/**
 * Student's test of paired values: whether the mean of a − b is 0. What both of a pair have in common cancels.
 * @param a shape [n], n ≥ 2
 * @param b shape [n], in the same order
 * @returns undefined if it can't be computed: fewer than two pairs, or all differences equal
 * @throws RangeError if the lengths differ
 * @see scipy.stats.ttest_rel
 */
export function pairedTest(a: readonly number[], b: readonly number[]): StudentTest | undefined {
  if (a.length !== b.length) throw new RangeError(`pairs are needed, got ${a.length} and ${b.length} values`);
  if (a.length < 2) return undefined;
  const differences = a.map((value, index) => value - (b[index] ?? 0));
  const variance = sampleStandardDeviation(differences) ** 2 / a.length;
  if (isNoise(variance, mean(a), mean(b))) return undefined;
  return testOf(mean(differences), Math.sqrt(variance), a.length - 1);
}

/** 95 % confidence interval of a tested difference: it holds 0 if p > 0.05. @see `confidence_interval` of SciPy's tests */
export function differenceInterval({ difference, standardError, degreesOfFreedom }: StudentTest): Interval {
  const halfWidth = studentQuantile(0.975, degreesOfFreedom) * standardError;
  return { low: difference - halfWidth, high: difference + halfWidth };
}

/**
 * P(|T| ≥ |t|) of Student's t distribution, 0…1.
 * @param degreesOfFreedom > 0
 * @see scipy.stats.t.sf, twice
 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t ** 2), degreesOfFreedom / 2, 0.5);
}

/**
 * Cohen's d: the difference of two means in standard deviations (pooled). About 0.2 is called small, 0.5 medium, 0.8
 * large; over a few seeds it is a rough figure and too large on average.
 * @param a shape [m], m ≥ 2
 * @param b shape [n], n ≥ 2
 * @returns undefined with fewer than two values on a side, or without spread
 * @see Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, equation 2.5.1
 */
export function cohensD(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const pooled = pooledVariance([a, b]);
  return isNoise(pooled, mean(a), mean(b)) ? undefined : (mean(a) - mean(b)) / Math.sqrt(pooled);
}

/**
 * Variance within several groups: the mean of their variances, weighted by degrees of freedom.
 * @param groups at least one with two values or more; smaller ones don't count
 * @throws RangeError if there is none
 */
export function pooledVariance(groups: readonly (readonly number[])[]): number {
  const usable = groups.filter((group) => group.length > 1);
  const degrees = usable.reduce((sum, group) => sum + group.length - 1, 0);
  if (degrees === 0) throw new RangeError("a pooled variance needs a group of two values or more");
  return usable.reduce((sum, group) => sum + (group.length - 1) * sampleStandardDeviation(group) ** 2, 0) / degrees;
}

/**
 * About the smallest true difference that Welch's test finds at the 5 % level in 80 of 100 experiments.
 * @param sd standard deviation within each group, > 0
 * @param count values in each group, ≥ 2
 * @see the usual approximation t(0.975) + t(0.80) standard errors; exact values follow from the noncentral t distribution
 */
export function detectableDifference(sd: number, count: number): number {
  const degrees = 2 * count - 2;
  return (studentQuantile(0.975, degrees) + studentQuantile(0.8, degrees)) * sd * Math.sqrt(2 / count);
}

function testOf(difference: number, standardError: number, degreesOfFreedom: number): StudentTest {
  const t = difference / standardError;
  return { difference, standardError, t, degreesOfFreedom, p: studentTwoSided(t, degreesOfFreedom) };
}

/** Equal values leave a spread of rounding errors, which would be divided by. */
function isNoise(variance: number, a: number, b: number): boolean {
  return Math.sqrt(variance) <= 1e-14 * Math.max(Math.abs(a), Math.abs(b));
}
