/**
 * Share of a standard normal distribution below x, 0…1; relative error below 1e-13 also far out on the left.
 * @see scipy.stats.norm.cdf; erfc by its Taylor series near 0 and by the continued fraction 7.9.3 of the NIST Digital
 *   Library of Mathematical Functions (modified Lentz) elsewhere
 */
export function normalShareBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const tail = z < 1.5 ? (1 - errorFunction(z)) / 2 : upperErrorFraction(z) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** Density of the standard normal distribution. @see scipy.stats.norm.pdf */
export function normalDensity(x: number): number {
  return Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * Quantile of the standard normal distribution: the x below which a share `probability` lies.
 * @param probability 0 < probability < 1
 * @throws RangeError if it is outside its range
 * @see scipy.stats.norm.ppf; Newton's method on ln Φ, which is almost a parabola
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`a probability 0…1 is needed, got ${probability}`);
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let x = -Math.sqrt(Math.max(0, -2 * Math.log(2 * probability)));
  for (let iteration = 0; iteration < 100; iteration++) {
    const below = normalShareBelow(x);
    const step = (Math.log(probability) - Math.log(below)) / (normalDensity(x) / below);
    x += step;
    if (Math.abs(step) < 1e-14 * Math.max(1, Math.abs(x))) break;
  }
  return x;
}

/**
 * Mean of the largest of `count` independent standard normal numbers: by how many standard deviations the best of
 * several equally good ones is ahead by luck alone.
 * @param count integer ≥ 1
 * @throws RangeError if it isn't
 * @see Harter (1961), Expected values of normal order statistics, Biometrika 48; here by integration: 1 − Φ^n above 0, Φ^n below
 */
export function expectedMaximum(count: number): number {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`a count must be an integer ≥ 1, got ${count}`);
  if (count === 1) return 0;
  const integrand = (x: number): number => {
    // 1 − Φ(x)^n and Φ(−x)^n, each without cancellation.
    const upper = normalShareBelow(-x);
    return -Math.expm1(count * Math.log1p(-upper)) - upper ** count;
  };
  return simpson(integrand, 0, 12, 2400);
}

/** Simpson's rule; `steps` is even. */
function simpson(of: (x: number) => number, from: number, to: number, steps: number): number {
  const width = (to - from) / steps;
  let sum = of(from) + of(to);
  for (let index = 1; index < steps; index++) sum += (index % 2 === 1 ? 4 : 2) * of(from + index * width);
  return (sum * width) / 3;
}

/** erf for 0 ≤ z < 1.5: a series without alternating signs, 7.6.2 of the NIST library. */
function errorFunction(z: number): number {
  let term = z;
  let sum = z;
  for (let index = 1; index < 200 && term > sum * 1e-17; index++) {
    term *= (2 * z ** 2) / (2 * index + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-(z ** 2)) * sum;
}

/** erfc for z ≥ 1.5. */
function upperErrorFraction(z: number): number {
  // K(1/2 / z, 1 / z, 3/2 / z, …) evaluated from its end: 200 terms are plenty from 1.5 on.
  let fraction = z;
  for (let index = 200; index >= 1; index--) fraction = z + index / 2 / fraction;
  return Math.exp(-(z ** 2)) / (Math.sqrt(Math.PI) * fraction);
}
