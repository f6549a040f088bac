import { normalQuantile, normalShareBelow } from "./normal-distribution.ts";
import { mean } from "./sample-statistics.ts";
import { randomBelow, seededRandom, type Random } from "./seeded-random.ts";
import type { Interval } from "./student-interval.ts";

/** Fewer values than this make bootstrap intervals far too narrow: half of all resamples repeat one value or more. */
export const smallestBootstrapSample = 5;

/**
 * 95 % bootstrap interval of a mean, bias-corrected and accelerated (BCa), by 2,000 resamples from a fixed seed: the
 * same values give the same interval. Unlike Student's it needs no normal values and stays within their range.
 * @param values shape [n], n ≥ 5, in any order
 * @throws RangeError if there are fewer than five values
 * @see scipy.stats.bootstrap with `method="BCa"`; Efron (1987), Better bootstrap confidence intervals
 */
export function bootstrapInterval(values: readonly number[]): Interval {
  if (values.length < smallestBootstrapSample)
    throw new RangeError(`a bootstrap interval needs ${smallestBootstrapSample} values or more, got ${values.length}`);
  // Sorted: an interval that depends on the order of the seeds would be an accident.
  const sorted = [...values].sort((a, b) => a - b);
  return bcaInterval(sorted, resampledMeans(sorted, 2000, seededRandom(1)));
}

/**
 * The BCa interval of a mean from its resampled means.
 * @param values the sample, shape [n], n ≥ 2
 * @param resampled means of resamples, shape [resamples], any order
 * @returns 95 % interval; the mean alone if all values are equal
 * @see scipy.stats.bootstrap with `bootstrap_result` and `method="BCa"`; a resample equal to the mean counts half
 */
export function bcaInterval(values: readonly number[], resampled: ArrayLike<number>): Interval {
  const center = mean(values);
  const sorted = Float64Array.from(resampled).sort();
  if (sorted[0] === sorted.at(-1)) return { low: center, high: center };
  const bias = normalQuantile(clip(shareBelow(sorted, center)));
  const acceleration = accelerationOf(values);
  const limit = (probability: number): number => {
    const z = bias + normalQuantile(probability);
    return quantileOf(sorted, normalShareBelow(bias + z / (1 - acceleration * z)));
  };
  return { low: limit(0.025), high: limit(0.975) };
}

/**
 * Means of resamples: each draws as many values as there are, with replacement.
 * @param values shape [n], n ≥ 1
 * @returns shape [resamples]
 */
export function resampledMeans(values: readonly number[], resamples: number, random: Random): Float64Array {
  const count = values.length;
  return Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let draw = 0; draw < count; draw++) sum += values[randomBelow(random, count)] ?? 0;
    return sum / count;
  });
}

/**
 * 95 % percentile interval: what lies between the 2.5th and the 97.5th percentile of resampled figures.
 * @param resampled shape [resamples], at least one, any order
 * @see numpy.percentile (linear interpolation)
 */
export function percentileInterval(resampled: ArrayLike<number>): Interval {
  const sorted = Float64Array.from(resampled).sort();
  return { low: quantileOf(sorted, 0.025), high: quantileOf(sorted, 0.975) };
}

/**
 * Resampled means of a figure over examples, drawn class by class so that each resample has every class as often as
 * the test set (stratified).
 * @param values one per example, shape [examples]: for two models, the difference of their figures on that example (paired)
 * @param labels true class of each example, shape [examples]
 * @returns shape [resamples]
 */
export function stratifiedMeans(
  values: ArrayLike<number>,
  labels: ArrayLike<number>,
  resamples: number,
  random: Random,
): Float64Array {
  const strata = countStrata(values, labels);
  return Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (const { size, levels } of strata) sum += drawSum(levels, size, random);
    return sum / values.length;
  });
}

/** One class: its examples, and how many have each value. */
interface Stratum {
  readonly size: number;
  readonly levels: readonly (readonly [value: number, count: number])[];
}

function countStrata(values: ArrayLike<number>, labels: ArrayLike<number>): Stratum[] {
  const counts = new Map<number, Map<number, number>>();
  for (let example = 0; example < values.length; example++) {
    const [label, value] = [labels[example] ?? 0, values[example] ?? 0];
    const levels = counts.get(label) ?? new Map<number, number>();
    counts.set(label, levels.set(value, (levels.get(value) ?? 0) + 1));
  }
  return [...counts.values()].map((levels) => ({
    size: [...levels.values()].reduce((sum, count) => sum + count, 0),
    levels: [...levels].sort(([, a], [, b]) => b - a),
  }));
}

/**
 * The sum of `size` draws with replacement. Values repeat (0, 1 and −1 for a difference of right and wrong), so what is
 * drawn is how many of each there are: one binomial number a level instead of a draw an example.
 */
function drawSum(levels: Stratum["levels"], size: number, random: Random): number {
  let sum = 0;
  let left = size;
  let weight = size;
  for (const [value, count] of levels) {
    const drawn = count >= weight ? left : binomial(left, count / weight, random);
    sum += drawn * value;
    left -= drawn;
    weight -= count;
  }
  return sum;
}

/**
 * How often something of probability p happens in n tries. By the gaps between two occurrences of the rarer outcome:
 * time grows with how often that happens, not with n, and rare outcomes are the rule here.
 * @see Devroye (1986), Non-Uniform Random Variate Generation, section X.4.3 (first waiting time algorithm)
 */
function binomial(n: number, p: number, random: Random): number {
  if (p > 0.5) return n - binomial(n, 1 - p, random);
  if (p <= 0) return 0;
  const logOther = Math.log1p(-p);
  let happened = -1;
  for (let tries = 0; tries <= n; happened++) tries += Math.floor(Math.log(1 - random()) / logOther) + 1;
  return happened;
}

function shareBelow(sorted: Float64Array, value: number): number {
  let below = 0;
  let equal = 0;
  for (const entry of sorted) {
    if (entry < value) below++;
    else if (entry === value) equal++;
  }
  return (below + equal / 2) / sorted.length;
}

/** If all resamples lie on one side, the correction would be infinite. */
function clip(share: number): number {
  return Math.min(Math.max(share, 1e-9), 1 - 1e-9);
}

/** From the jackknife: the skewness of the mean over the samples that lack one value. */
function accelerationOf(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const without = values.map((value) => (total - value) / (values.length - 1));
  const center = mean(without);
  const deviations = without.map((value) => center - value);
  // In units of the largest: cubes of tiny deviations would underflow.
  const largest = Math.max(...deviations.map(Math.abs));
  if (largest === 0) return 0;
  const cubes = deviations.reduce((sum, deviation) => sum + (deviation / largest) ** 3, 0);
  const squares = deviations.reduce((sum, deviation) => sum + (deviation / largest) ** 2, 0);
  return cubes / (6 * squares ** 1.5);
}

function quantileOf(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (position - below) * (high - low);
}
