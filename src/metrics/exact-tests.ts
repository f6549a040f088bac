import { incompleteBeta, logGamma } from "./incomplete-beta.ts";

/**
 * Exact sign test: how probable it is, if both outcomes are equally likely, that one of them is at least as rare as
 * here. With the examples that only A and only B has right, it is McNemar's exact test.
 * @param first integer ≥ 0
 * @param second integer ≥ 0
 * @returns two-sided p value, 0…1; 1 if both are 0
 * @throws RangeError if a count is none
 * @see scipy.stats.binomtest(first, first + second).pvalue; statsmodels.stats.contingency_tables.mcnemar with `exact=True`
 */
export function signTest(first: number, second: number): number {
  checkCounts(first, second);
  const count = first + second;
  const fewer = Math.min(first, second);
  if (first === second) return 1;
  // P(X ≤ k) of a binomial distribution is I_{1/2}(n − k, k + 1).
  return Math.min(1, 2 * incompleteBeta(0.5, count - fewer, fewer + 1));
}

/**
 * Fisher's exact test of two shares: how probable, if both are equal, a table at most as probable as this one is.
 * @param a how often it happened in the first sample, of `ofA`
 * @param b how often in the second, of `ofB`
 * @returns two-sided p value, 0…1
 * @throws RangeError if a count is none, or larger than its sample
 * @see scipy.stats.fisher_exact([[a, ofA - a], [b, ofB - b]])
 */
export function fisherTest(a: number, ofA: number, b: number, ofB: number): number {
  checkCounts(a, ofA, b, ofB);
  if (a > ofA || b > ofB) throw new RangeError(`${a} of ${ofA} and ${b} of ${ofB}: a part is larger than its whole`);
  const happened = a + b;
  const logProbability = (inA: number): number =>
    logChoose(ofA, inA) + logChoose(ofB, happened - inA) - logChoose(ofA + ofB, happened);
  // Tables that are equally probable must count as such in spite of rounding; scipy allows the same.
  const limit = logProbability(a) + 1e-7;
  const [low, high] = [Math.max(0, happened - ofB), Math.min(ofA, happened)];
  // From each end up to the first that is more probable than the given one: in between all are.
  let sum = 0;
  let first = low;
  for (; first <= high && logProbability(first) <= limit; first++) sum += Math.exp(logProbability(first));
  for (let last = high; last >= first && logProbability(last) <= limit; last--) sum += Math.exp(logProbability(last));
  return Math.min(1, sum);
}

/**
 * The smallest two-sided p value that a rank test (Mann–Whitney) of two samples can come to, whatever their values.
 * @param countA integer ≥ 1
 * @param countB integer ≥ 1
 * @returns 2 / C(countA + countB, countA), at most 1: 0.1 for 3 against 3, 0.008 for 5 against 5
 * @see scipy.stats.mannwhitneyu with `method="exact"` of samples that don't overlap
 */
export function smallestRankTestP(countA: number, countB: number): number {
  return Math.min(1, 2 * Math.exp(-logChoose(countA + countB, countA)));
}

function logChoose(count: number, chosen: number): number {
  return logFactorial(count) - logFactorial(chosen) - logFactorial(count - chosen);
}

const logFactorials = [0];

/** Sums of logarithms up to 10,000 are kept: a matrix of 1,000 classes asks for them millions of times. */
function logFactorial(count: number): number {
  if (count > 10_000) return logGamma(count + 1);
  for (let index = logFactorials.length; index <= count; index++)
    logFactorials.push((logFactorials[index - 1] ?? 0) + Math.log(index));
  return logFactorials[count] ?? 0;
}

function checkCounts(...counts: readonly number[]): void {
  const wrong = counts.find((count) => !Number.isInteger(count) || count < 0);
  if (wrong !== undefined) throw new RangeError(`a count must be an integer ≥ 0, got ${wrong}`);
}
