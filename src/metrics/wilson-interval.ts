import type { Interval } from "./student-interval.ts";

/** Quantile of the standard normal distribution at 0.975. */
const z = 1.959963984540054;

/**
 * 95 % confidence interval of a share by Wilson's score method, within 0…1. For independent examples: right for the
 * accuracy of one model on its test examples, too narrow for several seeds tested on the same examples.
 * @param successes integer, 0…trials
 * @param trials integer, ≥ 1
 * @throws RangeError if an argument is outside its range
 * @see scipy.stats.binomtest(...).proportion_ci(0.95, "wilson")
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (!Number.isInteger(trials) || trials < 1) throw new RangeError(`trials must be an integer ≥ 1, got ${trials}`);
  if (!Number.isInteger(successes) || successes < 0 || successes > trials)
    throw new RangeError(`successes must be an integer 0…${trials}, got ${successes}`);
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const center = (share + z ** 2 / (2 * trials)) / scale;
  const halfWidth = (z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))) / scale;
  // At the ends the limit is exact in theory and off by a rounding error in practice.
  return {
    low: successes === 0 ? 0 : center - halfWidth,
    high: successes === trials ? 1 : center + halfWidth,
  };
}
