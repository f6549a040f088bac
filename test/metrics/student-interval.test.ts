import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { studentInterval, studentQuantile } from "../../src/metrics/student-interval.ts";

const probabilities = [0.001, 0.3, 0.6, 0.75, 0.9, 0.975, 0.995, 0.9999, 1 - 1e-10];
// SciPy 1.17.1: scipy.stats.t.ppf(probability, df), one row per number of degrees of freedom.
const quantiles: readonly (readonly [number, readonly number[]])[] = [
  [
    1,
    [
      -318.30883898555044, -0.7265425280053609, 0.32491969623290634, 1.0000000000000002, 3.0776835371752544,
      12.706204736174694, 63.656741162871526, 3183.098757118502, 3183098598.467148,
    ],
  ],
  [
    2,
    [
      -22.327124770119873, -0.6172133998483678, 0.2886751345948128, 0.8164965809277261, 1.8856180831641272,
      4.302652729749462, 9.924843200918287, 70.70007107496818, 70710.67518273447,
    ],
  ],
  [
    3,
    [
      -10.214531852407385, -0.5843897274398188, 0.2766706623326898, 0.7648923284043444, 1.637744353696209,
      3.1824463052837078, 5.840909309733355, 22.203742273205, 2225.7692232960744,
    ],
  ],
  [
    4,
    [
      -7.1731822197823085, -0.5686490630497053, 0.2707222947075976, 0.7406970841126829, 1.533206274058944,
      2.7764451051977934, 4.604094871349992, 13.033671720896821, 416.17513172081755,
    ],
  ],
  [
    5,
    [
      -5.893429531356009, -0.5594296444693604, 0.2671808657041451, 0.7266868438004226, 1.4758840488244815,
      2.5705818356363146, 4.032142983555228, 9.677566300882814, 156.8255901132807,
    ],
  ],
  [
    9,
    [
      -4.296805662729919, -0.5434802414542969, 0.260955336473911, 0.7027221467513264, 1.3830287383966329,
      2.262157162798205, 3.249835541592126, 6.010132129081531, 30.737330664946846,
    ],
  ],
  [
    29,
    [
      -3.396240288356803, -0.530214395709161, 0.25568363457125604, 0.6830438608216131, 1.311433647301551,
      2.045229642132703, 2.756385903670605, 4.253894118432321, 9.517965469448779,
    ],
  ],
  [
    30,
    [
      -3.385184866829305, -0.5300190039065046, 0.2556053649519128, 0.6827556933212927, 1.3104150253913955,
      2.0422724563012378, 2.7499956535672254, 4.23398595727206, 9.377489746079775,
    ],
  ],
  [
    100,
    [
      -3.173739493738783, -0.5260762706003465, 0.25402218245822766, 0.6769510430114717, 1.290074761346516,
      1.9839715185235518, 2.6258905214380173, 3.861599790950091, 7.083375464183689,
    ],
  ],
  [
    250,
    [
      -3.123150229027092, -0.5250698002392649, 0.2536168815819393, 0.675472361397439, 1.2849470554222564,
      1.9694983934211532, 2.5956376304661806, 3.7749127906181994, 6.63474415799385,
    ],
  ],
  [
    999,
    [
      -3.0984103617533125, -0.5245678747137387, 0.2534145833303675, 0.6747354103467192, 1.2823995700373971,
      1.9623414611334493, 2.5807596372676365, 3.732865499608313, 6.427943466558153,
    ],
  ],
  [
    1000,
    [
      -3.0984021639129233, -0.524567707309227, 0.25341451583949876, 0.6747351646070093, 1.2823987214609247,
      1.9623390808264083, 2.580754698065951, 3.7328516045753966, 6.427876270033028,
    ],
  ],
];

describe("quantiles of Student's t", () => {
  test.each(quantiles)("with %d degrees of freedom are SciPy's to nine digits", (degreesOfFreedom, expected) => {
    const relativeErrors = probabilities.map((probability, index) =>
      Math.abs(studentQuantile(probability, degreesOfFreedom) / (expected[index] ?? Number.NaN) - 1),
    );

    expect(Math.max(...relativeErrors)).toBeLessThan(1e-9);
  });

  test("with one degree of freedom are Cauchy's, however far out", () => {
    for (const tail of [1e-3, 1e-9, 1e-15, 1e-100])
      expect(studentQuantile(tail, 1) * Math.tan(Math.PI * tail)).toBeCloseTo(-1, 12);
  });

  test("beside the median don't lose digits", () => {
    // To first order (probability − 0.5) / density(0), and the density of t with 4 degrees of freedom at 0 is 0.375.
    expect((studentQuantile(0.5 + 2 ** -30, 4) * 0.375) / 2 ** -30).toBeCloseTo(1, 12);
  });

  test("are symmetric around a median of 0", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 511 }), fc.integer({ min: 1, max: 300 }), (part, degreesOfFreedom) => {
        const below = studentQuantile(part / 1024, degreesOfFreedom);

        expect(studentQuantile(1 - part / 1024, degreesOfFreedom)).toBe(-below);
        expect(below).toBeLessThan(0);
      }),
    );
    expect(studentQuantile(0.5, 7)).toBe(0);
  });

  test("don't exist outside 0…1 or without degrees of freedom", () => {
    for (const probability of [0, 1, -0.1, Number.NaN])
      expect(() => studentQuantile(probability, 3)).toThrow(`a probability 0…1 is needed, got ${probability}`);
    expect(() => studentQuantile(0.9, 0)).toThrow("degrees of freedom must be > 0, got 0");
  });
});

describe("intervals of a mean", () => {
  test("are SciPy's", () => {
    // SciPy 1.17.1: scipy.stats.t.interval(0.95, 2, np.mean(v), stats.sem(v))
    const { low, high } = studentInterval([0.981, 0.984, 0.9795]);

    expect(low).toBeCloseTo(0.9758081254496048, 12);
    expect(high).toBeCloseTo(0.987191874550395, 12);
  });

  test("have no width when all values are equal", () => {
    expect(studentInterval([0.5, 0.5])).toEqual({ low: 0.5, high: 0.5 });
  });

  test("don't exist for one value", () => {
    expect(() => studentInterval([0.5])).toThrow("an interval needs two values");
  });
});
