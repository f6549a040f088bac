import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confirmingSeeds } from "../../../src/compare/nightly/confirming-seeds.ts";
import { judgeNights } from "../../../src/compare/nightly/judge-nights.ts";
import type { NightPoint, NightVerdict } from "../../../src/compare/nightly/nightly-types.ts";
import { whatChanged } from "../../../src/compare/nightly/what-changed.ts";
import { defaultRules, simulateSeries } from "./simulated-nights.ts";

/** Nights whose two seeds lie a little above and below the given means. */
function nightsOf(means: readonly number[], confirmations: Readonly<Record<number, number>> = {}): NightPoint[] {
  return means.map((mean, index) => {
    const again = confirmations[index];
    return {
      runId: `run-${index}`,
      date: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
      configurationId: "c",
      circumstances: { nightsweep: "0.1.0", resultsVersion: 1, commit: `${index}`.repeat(40) },
      seeds: seedsOf(mean),
      ...(again === undefined ? {} : { confirmation: { runId: "again", seeds: seedsOf(again) } }),
      missing: [],
    };
  });
}

function seedsOf(mean: number) {
  return [
    { seed: 1, value: mean - 0.001 },
    { seed: 2, value: mean + 0.001 },
  ];
}

function verdictsOf(points: readonly NightPoint[], acknowledged?: ReadonlyMap<string, string>): NightVerdict[] {
  return judgeNights(points, defaultRules, acknowledged).nights.map(({ verdict }) => verdict);
}

/** Ten good nights, 0.95 on average. */
const good = [0.95, 0.951, 0.949, 0.9505, 0.9495, 0.95, 0.951, 0.949, 0.9505, 0.9495];

describe("a night", () => {
  test("is not judged before there are enough nights", () => {
    const verdicts = verdictsOf(nightsOf(good));

    expect(verdicts.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "no-baseline"));
    expect(verdicts.slice(5)).toEqual(Array.from({ length: 5 }, () => "ok"));
  });

  test("is ok down to the smallest effect below the level, however little nights differ", () => {
    expect(verdictsOf(nightsOf([...good, 0.9455])).at(-1)).toBe("ok");
    expect(verdictsOf(nightsOf([...good, 0.9445])).at(-1)).toBe("suspect");
  });

  test("is held against what nights differ by where that is more than the smallest effect", () => {
    const wild = [0.94, 0.96, 0.945, 0.955, 0.95, 0.94, 0.96, 0.95];

    const { nights } = judgeNights(nightsOf([...wild, 0.94]), defaultRules);

    // Mean 0.95, sd 0.00802, t(0.95; 7) = 1.8946, sqrt(1 + 1/8): a margin of 0.0161.
    expect(nights.at(-1)?.verdict).toBe("ok");
    expect(nights.at(-1)?.limit).toBeCloseTo(0.95 - 0.01611, 4);
  });

  test("that is bad becomes a regression when a second run is bad, too", () => {
    const { nights } = judgeNights(nightsOf([...good, 0.94], { 10: 0.941 }), defaultRules);

    expect(nights.at(-1)).toMatchObject({
      verdict: "regressed",
      why: expect.stringContaining("confirmed by a second run (again) of the same seeds"),
      baseline: { nights: 10, since: "2026-01-01" },
    });
  });

  test("that is bad by chance is ok when a second run is good", () => {
    const { nights } = judgeNights(nightsOf([...good, 0.94], { 10: 0.95 }), defaultRules);

    expect(nights.at(-1)).toMatchObject({ verdict: "ok", why: expect.stringContaining("did not confirm it") });
  });

  test("is confirmed by the next one where nothing is run again, and alarms until nights are good again", () => {
    expect(verdictsOf(nightsOf([...good, 0.94, 0.94, 0.94, 0.95])).slice(10)).toEqual([
      "suspect",
      "regressed",
      "regressed",
      "ok",
    ]);
  });

  test("that was bad once doesn't make the level worse that the next nights are held against", () => {
    const { nights } = judgeNights(nightsOf([...good, ...Array.from({ length: 30 }, () => 0.94)]), defaultRules);

    expect(nights.at(-1)).toMatchObject({ verdict: "regressed" });
    expect(nights.at(-1)?.baseline?.mean).toBeCloseTo(0.95, 6);
  });

  test("that is better by more than nights differ is improved, and its level counts after a while", () => {
    const { nights, segments } = judgeNights(
      nightsOf([...good, ...good.map((mean) => mean + 0.02), 0.955]),
      defaultRules,
    );

    expect(nights[10]?.verdict).toBe("improved");
    expect(nights[17]?.verdict).toBe("ok");
    expect(nights.at(-1)?.verdict).toBe("suspect");
    expect(segments.map(({ nights: count }) => count)).toEqual([10, 10]);
  });

  test("without all its seeds is incomplete and says which is missing", () => {
    const points = nightsOf([...good, 0.5]).map((point, index) =>
      index === 10 ? { ...point, missing: ["seed 2 failed (memory): out of memory"] } : point,
    );

    expect(judgeNights(points, defaultRules).nights.at(-1)).toMatchObject({
      verdict: "incomplete",
      why: "seed 2 failed (memory): out of memory",
    });
  });

  test("of a loss is bad when it is high", () => {
    const points = nightsOf([...good, 0.96]);

    expect(judgeNights(points, { ...defaultRules, better: "lower" }).nights.at(-1)?.verdict).toBe("suspect");
    expect(judgeNights(nightsOf([...good, 0.94]), { ...defaultRules, better: "lower" }).nights.at(-1)?.verdict).toBe(
      "improved",
    );
  });
});

describe("acknowledging", () => {
  const lower = Array.from({ length: 6 }, (_, index) => 0.93 + index / 1e4);

  test("a change makes its night the new level, which the next ones are held against at once", () => {
    const points = nightsOf([...good, ...lower, 0.92]);

    const { nights } = judgeNights(points, defaultRules, new Map([["run-10", "smaller model"]]));

    expect(nights[10]).toMatchObject({ verdict: "ok", acknowledged: "smaller model" });
    expect(nights.slice(11, 16).map(({ verdict }) => verdict)).toEqual(Array.from({ length: 5 }, () => "ok"));
    expect(nights.at(-1)?.verdict).toBe("suspect");
  });
});

describe("slow drift", () => {
  test("of 0.05 points a night is an alarm, though no night by itself is bad", () => {
    const means = Array.from({ length: 45 }, (_, index) => 0.95 - index * 0.0005 + (index % 2 === 0 ? 0.001 : -0.001));

    const { nights } = judgeNights(nightsOf(means), { ...defaultRules, minimumEffect: 0.01 });

    const first = nights.find(({ verdict }) => verdict === "regressed");
    expect(first?.why).toMatch(/^a slow drift: 0\.9\d+ since 2026-\d\d-\d\d, and 0\.9\d+ in the nights from/);
    expect(nights.some(({ verdict }) => verdict === "suspect")).toBe(false);
  });
});

describe("seeds of the second run", () => {
  test("are the same where nights differ by chance", () => {
    const { nights } = judgeNights(nightsOf([...good, 0.94]), defaultRules);

    expect(confirmingSeeds(nights)).toMatchObject({ seeds: [1, 2] });
  });

  test("are new where the same seeds would only give the same numbers again", () => {
    const { nights } = judgeNights(nightsOf([0.95, 0.95, 0.95, 0.95, 0.95, 0.94]), defaultRules);

    expect(confirmingSeeds(nights)).toMatchObject({ seeds: [3, 4], why: expect.stringContaining("new seeds") });
  });
});

describe("what changed", () => {
  test("is told against the last good night: commits, versions, configuration", () => {
    const points = nightsOf([...good, 0.94, 0.94]).map((point, index) =>
      index < 10
        ? point
        : {
            ...point,
            configurationId: "d",
            circumstances: {
              ...point.circumstances,
              commit: "b".repeat(40),
              origin: "git@github.com:someone/models.git",
              engineVersion: "2.22",
            },
          },
    );

    const changes = whatChanged(judgeNights(points, defaultRules).nights, 11);

    expect(changes.since).toEqual({ date: "2026-01-10", runId: "run-9" });
    expect(changes.commits?.address).toBe(
      `https://github.com/someone/models/compare/${"9".repeat(40)}...${"b".repeat(40)}`,
    );
    expect(changes.lines).toEqual(["the configuration itself (its id differs)", "engine version: unknown → 2.22"]);
  });
});

describe("verdicts in general", () => {
  const someNights = fc.array(fc.double({ min: 0.9, max: 1, noNaN: true }), { maxLength: 25 });

  test("of earlier nights don't depend on later ones", () => {
    fc.assert(
      fc.property(someNights, fc.nat(25), (means, length) => {
        const points = nightsOf(means);

        expect(verdictsOf(points).slice(0, length)).toEqual(verdictsOf(points.slice(0, length)));
      }),
    );
  });

  test("of a loss are those of its negative as an accuracy", () => {
    fc.assert(
      fc.property(someNights, (means) => {
        const losses = judgeNights(nightsOf(means.map((mean) => -mean)), { ...defaultRules, better: "lower" });

        expect(losses.nights.map(({ verdict }) => verdict)).toEqual(verdictsOf(nightsOf(means)));
      }),
    );
  });

  test("are the same for the same simulated series", () => {
    const model = { name: "independent", seedSd: 0.3 };
    const [a, b] = [1, 2].map(() => simulateSeries(model, { nights: 20, seedCount: 3, seed: 7 }));

    expect(a).toEqual(b);
  });
});
