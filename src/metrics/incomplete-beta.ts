// Lanczos' series for g = 607/128 with 15 terms (Godfrey): relative error below 1e-15 for arguments > 0.
const lanczosG = 607 / 128;
const lanczosFirst = 0.9999999999999971;
const lanczosTerms = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
] as const;

/**
 * Natural logarithm of the gamma function.
 * @param x > 0; below about 1e-300 the result is infinite
 * @throws RangeError if x is not > 0
 * @see scipy.special.gammaln
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma is defined here for numbers > 0, got ${x}`);
  const base = x + lanczosG + 0.5;
  const series = lanczosTerms.reduce((sum, term, index) => sum + term / (x + index + 1), lanczosFirst);
  return (x + 0.5) * Math.log(base) - base + Math.log((Math.sqrt(2 * Math.PI) * series) / x);
}

/**
 * Regularised incomplete beta function I_x(a, b), 0…1, increasing in x.
 * @param x 0…1
 * @param a > 0
 * @param b > 0
 * @throws RangeError if an argument is outside its range
 * @see scipy.special.betainc; continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`incompleteBeta: x must be 0…1, got ${x}`);
  if (!(a > 0 && b > 0)) throw new RangeError(`incompleteBeta: a and b must be > 0, got ${a} and ${b}`);
  if (x === 0 || x === 1) return x;
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  // The fraction converges fast only below the mean; above it, I_x(a, b) = 1 − I_{1−x}(b, a).
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
  return 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b;
}

/** The continued fraction by Lentz' method, as modified by Thompson and Barnett. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) return fraction;
  }
  throw new RangeError(`incompleteBeta(${x}, ${a}, ${b}) did not converge`);
}
