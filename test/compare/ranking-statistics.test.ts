import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { configurationIdOf, runRecordsOf, type ConfigurationOutline } from "./run-records-of.ts";

/** A configuration whose seeds have these validation accuracies, and test accuracies a point lower. */
function configuration(id: string, values: readonly number[], swept: ConfigurationOutline["values"] = {}) {
  return { id, values: swept, seeds: values.map((value) => ({ validation: value, test: value - 0.01 })) };
}

const good = configuration("a", [0.981, 0.982, 0.983, 0.982, 0.98]);
const alike = configuration("b", [0.98, 0.983, 0.981, 0.982, 0.98]);
const worse = configuration("c", [0.951, 0.952, 0.95, 0.953, 0.949]);
const asBad = configuration("d", [0.951, 0.951, 0.95, 0.952, 0.949]);

describe("ranks with ties", () => {
  test("what can't be told from the first shares its rank, what can opens a new one", () => {
    const { configurations } = compareRun(runRecordsOf([good, alike, worse, asBad]));

    expect(configurations.map(({ rank, tiedRank }) => [rank, tiedRank])).toEqual([
      [1, 1],
      [2, 1],
      [3, 3],
      [4, 3],
    ]);
  });

  test("a single seed can't be told from anything: there are no ties then", () => {
    const { configurations, tests } = compareRun(runRecordsOf([configuration("a", [0.9]), configuration("b", [0.1])]));

    expect(configurations.map((row) => row.tiedRank)).toEqual([undefined, undefined]);
    expect(tests?.tests[0]).toMatchObject({ why: expect.stringContaining("a single seed has no spread") });
    expect(tests?.tests[0]).not.toHaveProperty("isDifferent");
  });

  test("seeds without any spread differ as soon as their figures do", () => {
    const { configurations } = compareRun(
      runRecordsOf([configuration("a", [0.9, 0.9]), configuration("b", [0.9, 0.9]), configuration("c", [0.8, 0.8])]),
    );

    expect(configurations.map((row) => row.tiedRank)).toEqual([1, 1, 3]);
  });

  test("tied ranks never fall down the ranking, and are ranks of configurations above", () => {
    const seeds = fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(seeds, { minLength: 1, maxLength: 12 }), (outlines) => {
        const records = runRecordsOf(outlines.map((values, index) => configuration(index.toString(16), values)));

        const { configurations } = compareRun(records);

        const ties = configurations.map(({ tiedRank = 0 }) => tiedRank);
        expect(ties).toEqual([...ties].sort((a, b) => a - b));
        expect(configurations.every(({ rank = 0, tiedRank = 0 }) => tiedRank >= 1 && tiedRank <= rank)).toBe(true);
      }),
    );
  });
});

describe("tests against the baseline", () => {
  test("are against the first one, in the order of the ranking", () => {
    const { tests } = compareRun(runRecordsOf([worse, alike, good]));

    expect(tests?.baselineId).toBe(configurationIdOf("a"));
    expect(tests?.tests.map(({ configurationId, isDifferent }) => [configurationId[0], isDifferent])).toEqual([
      ["b", false],
      ["c", true],
    ]);
  });

  test("are against the one that was asked for: what is better has a negative difference", () => {
    const { tests } = compareRun(runRecordsOf([good, worse]), { baselineId: configurationIdOf("c") });

    expect(tests?.tests).toHaveLength(1);
    expect(tests?.tests[0]?.difference).toBeCloseTo(0.951 - 0.9816, 10);
    expect(tests?.tests[0]?.welch?.t).toBeLessThan(0);
    expect(tests?.tests[0]?.cohensD).toBeLessThan(-5);
  });

  test("pair by seed: what a seed does to both doesn't count as noise", () => {
    const luck = [0.02, -0.03, 0.01, 0.04, -0.01];
    const records = runRecordsOf([
      configuration(
        "a",
        luck.map((value, seed) => 0.905 + value + seed / 1e5),
      ),
      configuration(
        "b",
        luck.map((value) => 0.9 + value),
      ),
    ]);

    const [first] = compareRun(records).tests?.tests ?? [];

    expect(first?.welch?.p).toBeGreaterThan(0.5);
    expect(first?.paired).toMatchObject({ seeds: 5, degreesOfFreedom: 4 });
    expect(first?.paired?.p).toBeLessThan(1e-6);
  });

  test("have p values adjusted for their number", () => {
    const { tests } = compareRun(runRecordsOf([good, worse, asBad, configuration("e", [0.9, 0.91, 0.9, 0.92, 0.9])]));

    for (const { welch } of tests?.tests ?? []) expect(welch?.adjustedP).toBeGreaterThanOrEqual(welch?.p ?? 1);
    const smallest = Math.min(...(tests?.tests.map(({ welch }) => welch?.p ?? 1) ?? []));
    expect(Math.min(...(tests?.tests.map(({ welch }) => welch?.adjustedP ?? 1) ?? []))).toBeCloseTo(3 * smallest, 15);
  });

  test("there are none while only one configuration is ranked", () => {
    expect(compareRun(runRecordsOf([good])).tests).toBeUndefined();
  });
});

describe("notes on significance", () => {
  test("3 seeds against 3 can never reach p < .05 by a rank test, and that is said", () => {
    const { notes } = compareRun(
      runRecordsOf([configuration("a", [0.98, 0.981, 0.982]), configuration("b", [0.97, 0.971, 0.972])]),
    );

    const note = notes.find(({ code }) => code === "too-few-seeds");
    expect(note?.message).toContain("can't get below p = 0.1, whatever the figures");
    expect(note?.message).toContain("if it is 0.3 percentage points or more");
  });

  test("5 seeds against 5 are enough for it not to be said", () => {
    expect(compareRun(runRecordsOf([good, worse])).notes.map(({ code }) => code)).not.toContain("too-few-seeds");
  });

  test("how far luck alone puts the best of several is said, and what it was selected on", () => {
    const { notes } = compareRun(runRecordsOf([good, alike, worse, asBad]));

    const note = notes.find(({ code }) => code === "best-of-n");
    // Pooled sd 0.00130, over 5 seeds 0.00058, times 1.0294, the expected largest of 4 normal numbers.
    expect(note?.message).toContain("The best of 4 configurations");
    expect(note?.message).toContain("about 0.06 percentage points of validation accuracy");
    expect(note?.message).toContain("Test accuracy was not selected on");
  });

  test("a best one that was selected on the test examples flatters", () => {
    const records = runRecordsOf([
      { seeds: [{ test: 0.9 }, { test: 0.91 }] },
      { seeds: [{ test: 0.8 }, { test: 0.82 }] },
    ]);

    const note = compareRun(records).notes.find(({ code }) => code === "best-of-n");

    expect(note?.message).toContain("selected on, so it flatters");
  });
});

describe("bootstrap intervals", () => {
  test("are there from five seeds on, within the range of the seeds", () => {
    const [first, second] = compareRun(
      runRecordsOf([good, configuration("b", [0.9, 0.91, 0.92, 0.93])]),
    ).configurations;

    const interval = first?.metrics.validationAccuracy?.bootstrap;
    expect(interval?.low).toBeGreaterThan(0.98);
    expect(interval?.high).toBeLessThan(0.983);
    expect(interval?.low).toBeLessThan(first?.metrics.validationAccuracy?.mean ?? 0);
    expect(second?.metrics.validationAccuracy).not.toHaveProperty("bootstrap");
  });
});

describe("importance of fields", () => {
  const grid = Array.from({ length: 30 }, (_, index) => {
    const [rate, width, name] = [index % 5, Math.floor(index / 5) % 3, index % 2 === 0 ? "relu" : "tanh"];
    const noise = ((index * 7919) % 13) / 5000;
    return configuration((index + 1).toString(16).padStart(2, "0"), [0.7 + 0.05 * rate + noise], { rate, width, name });
  });

  test("a field that decides is the important one, and correlates", () => {
    const { importance } = compareRun(runRecordsOf(grid));

    const [first, ...others] = importance?.fields ?? [];
    expect(first?.path).toBe("rate");
    expect(first?.share).toBeGreaterThan(0.95);
    expect(first?.rankCorrelation).toBeGreaterThan(0.95);
    expect(others.every(({ share }) => share < 0.05)).toBe(true);
    expect(importance?.explained).toBeGreaterThan(0.9);
    expect(importance?.trials).toBe(30);
  });

  test("a field of names has an importance and no correlation", () => {
    const named = grid.map((entry) => ({
      ...entry,
      seeds: [{ validation: entry.values?.["name"] === "relu" ? 0.9 : 0.8, test: 0.9 }],
    }));

    const [first] = compareRun(runRecordsOf(named)).importance?.fields ?? [];

    expect(first?.path).toBe("name");
    expect(first).not.toHaveProperty("rankCorrelation");
  });

  test("is hidden below 20 finished trials", () => {
    expect(compareRun(runRecordsOf(grid.slice(0, 19))).importance).toBeUndefined();
    expect(compareRun(runRecordsOf(grid.slice(0, 20))).importance).toBeDefined();
  });

  test("is the same each time", () => {
    expect(compareRun(runRecordsOf(grid)).importance).toEqual(compareRun(runRecordsOf(grid)).importance);
  });
});

describe("Pareto fronts", () => {
  test("hold what no other configuration beats in accuracy and seconds together", () => {
    const at = (id: string, value: number, seconds: number) => ({
      id,
      seeds: [{ validation: value, test: value, environment: { seconds } }],
    });
    const { pareto } = compareRun(
      runRecordsOf([at("a", 0.98, 100), at("b", 0.97, 200), at("c", 0.9, 10), at("d", 0.9, 11)]),
    );

    const front = pareto.find(({ cost }) => cost === "meanSeconds");

    expect(front?.configurationIds).toEqual([configurationIdOf("c"), configurationIdOf("a")]);
  });

  test("there is one in dollars if the machine has a price", () => {
    const records = runRecordsOf([good, worse]);
    const plan: Plan = { ...records.plan, run: { budget: { pricePerHour: 3.6 } } };

    const { pareto, configurations } = compareRun({ ...records, plan });

    expect(configurations[0]?.meanUsd).toBeCloseTo(0.01, 12);
    expect(pareto.map(({ cost }) => cost)).toEqual(["meanSeconds", "parameterCount", "meanUsd"]);
    expect(compareRun(records).configurations[0]).not.toHaveProperty("meanUsd");
  });

  test("there is none while nothing is ranked", () => {
    expect(compareRun(runRecordsOf([{ seeds: [{ state: "pending" }] }])).pareto).toEqual([]);
  });
});
