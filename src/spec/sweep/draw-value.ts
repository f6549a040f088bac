import type { Distribution, Quantised } from "../schema/distribution.ts";
import type { YamlValue } from "../schema/yaml-value.ts";
import { inverseNormal } from "./inverse-normal.ts";

/** Half a step of the 32 bits of a uniform number: keeps 0 and 1 out of the normal distribution. */
const halfStep = 2 ** -33;

/** Ids hash drawn values: so few digits don't depend on the last bit of a logarithm, and read well in tables. */
const significantDigits = 6;

/** A distribution with bounds or a mean, without rounding. */
type Continuous = Pick<Quantised, "uniform" | "logUniform" | "normal">;

/**
 * The value of a distribution at a quantile.
 * @param uniform number in [0, 1)
 * @returns a number, rounded to 6 significant digits; for `choice` one of its values
 */
export function drawValue(distribution: Distribution, uniform: number): YamlValue {
  if ("choice" in distribution) return distribution.choice[choiceIndex(distribution.choice.length, uniform)] ?? null;
  if ("intUniform" in distribution) return drawInteger(distribution.intUniform, uniform);
  if ("quantised" in distribution) return drawQuantised(distribution.quantised, uniform);
  return drawNumber(distribution, uniform);
}

/** Index of the value that a quantile of a `choice` means. */
export function choiceIndex(count: number, uniform: number): number {
  return Math.min(count - 1, Math.floor(uniform * count));
}

function drawInteger([low, high]: readonly [number, number], uniform: number): number {
  return low + choiceIndex(high - low + 1, uniform);
}

function drawNumber(distribution: Continuous, uniform: number): number {
  const value = Number(quantile(distribution, uniform).toPrecision(significantDigits));
  const [low, high] = boundsOf(distribution);
  return Math.min(Math.max(value, low), high);
}

function quantile({ uniform: range, logUniform: logRange, normal }: Continuous, uniform: number): number {
  if (range) return range[0] + (range[1] - range[0]) * uniform;
  if (logRange) return logRange[0] * (logRange[1] / logRange[0]) ** uniform;
  return normal ? normal.mean + normal.sd * inverseNormal(uniform + halfStep) : 0;
}

function boundsOf({ uniform, logUniform }: Continuous): readonly [number, number] {
  return uniform ?? logUniform ?? [-Infinity, Infinity];
}

/** Of a range every step is as likely; the other distributions are rounded to the nearest step. */
function drawQuantised(distribution: Quantised, uniform: number): number {
  const { step } = distribution;
  const [low, high] = boundsOf(distribution);
  const origin = Number.isFinite(low) ? low : 0;
  // A range of 0…0.3 by 0.1 has 4 steps, whatever 0.3 / 0.1 is in binary.
  const lastStep = Math.floor((high - origin) / step + 1e-9);
  const steps = distribution.uniform
    ? choiceIndex(lastStep + 1, uniform)
    : Math.min(lastStep, Math.round((quantile(distribution, uniform) - origin) / step));
  return Number((origin + steps * step).toPrecision(12));
}
