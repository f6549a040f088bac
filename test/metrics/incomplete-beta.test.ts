import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { incompleteBeta, logGamma } from "../../src/metrics/incomplete-beta.ts";

describe("the regularised incomplete beta function", () => {
  // SciPy 1.17.1: scipy.special.betainc(a, b, x)
  test.each([
    [0.3, 0.5, 0.5, 0.36901011956554536],
    [0.4, 2, 3, 0.5248],
    [0.99, 500, 0.5, 0.0015273578790529906],
    [0.01, 0.5, 500, 0.998472642120947],
    [0.5, 10, 10, 0.5],
    [1e-20, 0.5, 0.5, 6.366197723675814e-11],
    [0.999999, 1.5, 0.5, 0.9987267606674531],
    [0.1, 30, 5, 3.0868102000000054e-26],
  ])("at x = %d for a = %d, b = %d is SciPy's %d", (x, a, b, expected) => {
    expect(incompleteBeta(x, a, b) / expected).toBeCloseTo(1, 11);
  });

  test("goes from 0 to 1", () => {
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
  });

  test("is point-symmetric: I_x(a, b) = 1 − I_{1−x}(b, a)", () => {
    const parameter = fc.double({ min: 0.1, max: 200, noNaN: true });

    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), parameter, parameter, (x, a, b) => {
        expect(incompleteBeta(1 - (1 - x), a, b) + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 11);
      }),
    );
  });

  test("arguments outside their range are refused", () => {
    expect(() => incompleteBeta(1.1, 1, 1)).toThrow("incompleteBeta: x must be 0…1, got 1.1");
    expect(() => incompleteBeta(Number.NaN, 1, 1)).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, 0, 1)).toThrow("incompleteBeta: a and b must be > 0, got 0 and 1");
  });
});

describe("the logarithm of gamma", () => {
  test("is that of the factorials", () => {
    expect(logGamma(1)).toBeCloseTo(0, 14);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 13);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
  });

  test("obeys Γ(x + 1) = x Γ(x)", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1000, noNaN: true }), (x) => {
        expect(logGamma(x + 1) - logGamma(x)).toBeCloseTo(Math.log(x), 10);
      }),
    );
  });

  test("is refused for numbers that aren't > 0", () => {
    expect(() => logGamma(0)).toThrow(RangeError);
  });
});
