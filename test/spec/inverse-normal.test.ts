import fc from "fast-check";
import { expect, test } from "vitest";
import { inverseNormal } from "../../src/spec/sweep/inverse-normal.ts";

// Python 3.11: statistics.NormalDist().inv_cdf(p)
test.each([
  [1e-20, -9.262340089798405],
  [1e-9, -5.9978070150076865],
  [0.001, -3.090232306167813],
  [0.0749, -1.4402382675279632],
  [0.075, -1.4395314709384557],
  [0.2, -0.8416212335729142],
  [0.5, 0],
  [0.9, 1.2815515655446008],
  [0.99999, 4.26489079392384],
])("the quantile of %d is %d", (probability, quantile) => {
  const actual = inverseNormal(probability);

  expect(Math.abs(actual - quantile)).toBeLessThan(1e-14 * Math.max(1, Math.abs(quantile)));
});

test("quantiles rise with the probability", () => {
  const probability = fc.double({ min: 1e-300, max: 1 - 1e-15, noNaN: true });

  fc.assert(
    fc.property(probability, probability, (first, second) => {
      const [low, high] = [Math.min(first, second), Math.max(first, second)];
      expect(inverseNormal(low)).toBeLessThanOrEqual(inverseNormal(high));
    }),
  );
});

test("quantiles are symmetric about 1/2", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 511 }), (numerator) => {
      // Multiples of 1/1024, whose complement is exact.
      const probability = numerator / 1024;
      expect(inverseNormal(1 - probability)).toBeCloseTo(-inverseNormal(probability), 14);
    }),
  );
});
