import { describe, expect, test } from "vitest";
import { judgeHistory } from "../../../src/orchestrate/nightly/check-benchmark.ts";
import { confirmingPlan } from "../../../src/plan/confirming-plan.ts";
import { loadHistory, writeAcknowledgement, writeNight } from "../../../src/record/history.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import type { NightConfiguration, NightDocument } from "../../../src/record/night-document.ts";
import { renderCheckMarkdown } from "../../../src/report/history-markdown.ts";
import { nightsTable } from "../../../src/report/history-tables.ts";
import { configurationIdOf, runRecordsOf } from "../../compare/run-records-of.ts";

const now = new Date("2026-01-21T12:00:00Z");
const rules = { experiment: "cnn" };

function night(day: number, accuracy: number, change: Partial<NightConfiguration> = {}): NightDocument {
  const date = `2026-01-${String(day).padStart(2, "0")}`;
  return {
    schemaVersion: 1,
    benchmark: "cnn",
    date,
    runId: `run-${day}`,
    startedAt: `${date}T02:00:00Z`,
    circumstances: { nightsweep: "0.1.0", resultsVersion: 1 },
    configurations: [
      {
        configurationId: "c1",
        values: {},
        dataSha256: "d1",
        device: "cpu",
        engine: "wasm",
        plannedSeeds: [1, 2],
        seeds: [1, 2].map((seed) => ({ seed, figures: { testAccuracy: accuracy + seed / 1000 } })),
        missing: [],
        ...change,
      },
    ],
  };
}

const tenNights = Array.from({ length: 10 }, (_, index) => night(index + 1, 0.95 + (index % 3) / 1000));

describe("the history of a benchmark", () => {
  test("comes back from a store in order of time, with what was acknowledged", async () => {
    const store = new MemoryStore();
    for (const entry of [...tenNights].reverse()) await writeNight(store, entry);
    const acknowledgement = {
      schemaVersion: 1,
      benchmark: "cnn",
      runId: "run-3",
      at: "2026-01-04T08:00:00.000Z",
      reason: "on purpose",
    } as const;
    await writeAcknowledgement(store, acknowledgement);

    expect(await loadHistory(store, "cnn")).toEqual({ nights: tenNights, acknowledgements: [acknowledgement] });
    expect(await loadHistory(store, "other")).toEqual({ nights: [], acknowledgements: [] });
  });

  test("without nights has no baseline", () => {
    expect(judgeHistory({ nights: [], acknowledgements: [] }, rules, now)).toMatchObject({
      verdict: "no-baseline",
      series: [],
      rules: { metric: "testAccuracy", minimumEffect: 0.005 },
    });
  });
});

describe("a check of the newest night", () => {
  const check = (...nights: readonly NightDocument[]) => judgeHistory({ nights, acknowledgements: [] }, rules, now);

  test("asks for a second run of a suspect, with the seeds it was run with", () => {
    const { verdict, confirmation } = check(...tenNights, night(11, 0.93));

    expect(verdict).toBe("suspect");
    expect(confirmation).toMatchObject({ runId: "run-11", configurationIds: ["c1"], seeds: [1, 2] });
  });

  test("takes a second run that is as bad for a confirmation", () => {
    const again = { ...night(11, 0.931), runId: "run-11b", confirms: "run-11" };
    const { verdict, confirmation, series } = check(...tenNights, night(11, 0.93), again);

    expect(verdict).toBe("regressed");
    expect(confirmation).toBeUndefined();
    expect(series[0]?.nights).toHaveLength(11);
  });

  test("does not count a second run that isn't finished", () => {
    const half = [{ seed: 1, figures: { testAccuracy: 0.9 } }];
    const again = { ...night(11, 0.9, { seeds: half, missing: ["seed 2 pending"] }), confirms: "run-11" };

    expect(check(...tenNights, night(11, 0.93), { ...again, runId: "run-11b" }).verdict).toBe("suspect");
  });

  test.each([
    ["data", { dataSha256: "d2" }],
    ["device", { device: "Tesla T4" }],
    ["engine", { engine: "tensorflow" }],
    ["seeds", { plannedSeeds: [1, 2, 3] }],
    ["swept values", { values: { "training.epochs": 3 } }],
  ])("other %s begin another series: there is no baseline", (_, change) => {
    const { verdict, series } = check(...tenNights, night(11, 0.5, change));

    expect(verdict).toBe("no-baseline");
    expect(series.map(({ nights }) => nights.length)).toEqual([1, 10]);
  });

  test("is as bad as its worst configuration", () => {
    const both = (day: number, second: number): NightDocument => ({
      ...night(day, 0.95),
      configurations: [
        ...night(day, 0.95 + (day % 3) / 1000).configurations,
        ...night(day, second + (day % 3) / 1000, { configurationId: "c2", values: { a: 2 } }).configurations,
      ],
    });
    const nights = Array.from({ length: 10 }, (_, index) => both(index + 1, 0.9));

    const { verdict, confirmation, series } = check(...nights, both(11, 0.8));

    expect(verdict).toBe("suspect");
    expect(series.map(({ latest }) => latest.verdict)).toEqual(["ok", "suspect"]);
    expect(confirmation?.configurationIds).toEqual(["c2"]);
  });

  test("lists the dates of the schedule without a night, up to yesterday", () => {
    const nights = tenNights.filter(({ date }) => date !== "2026-01-05");
    const schedule = { cron: "0 2 * * mon-fri", timezone: "Europe/Berlin" };

    const { gaps } = judgeHistory(
      { nights, acknowledgements: [] },
      { ...rules, schedule },
      new Date("2026-01-13T09:00:00Z"),
    );

    expect(gaps.map(({ date }) => date)).toEqual(["2026-01-05", "2026-01-12"]);
  });

  test("is told in Markdown with what to do, and as a table with all nights", () => {
    const again = { ...night(11, 0.931), runId: "run-11b", confirms: "run-11" };
    const regressed = check(...tenNights, night(11, 0.93), again);

    const markdown = renderCheckMarkdown(regressed);

    expect(markdown).toMatch(
      /^### cnn: ❌ regressed\n\ncnn: regressed, testAccuracy −2\.09 points against the nights before/,
    );
    expect(markdown).toContain("Nothing that is recorded has changed since 2026-01-10.");
    expect(markdown).toContain('`nightsweep history ack cnn --reason "…"`');
    expect(nightsTable(regressed).rows.map(({ verdict }) => verdict)).toEqual([
      ...Array.from({ length: 5 }, () => "no-baseline"),
      ...Array.from({ length: 5 }, () => "ok"),
      "regressed",
    ]);
  });
});

describe("the plan of a second run", () => {
  test("has the suspect configurations and the seeds that are asked for, and the trials' own ids", () => {
    const { plan } = runRecordsOf([
      { id: "a", seeds: [{}, {}] },
      { id: "b", seeds: [{}, {}] },
    ]);

    const again = confirmingPlan(plan, { configurationIds: [configurationIdOf("b")], seeds: [7, 8] });

    expect(again.configurations.map(({ id }) => id)).toEqual([configurationIdOf("b")]);
    expect(again.trials.map(({ configuration, seed }) => [configuration, seed])).toEqual([
      [0, 7],
      [0, 8],
    ]);
    expect(again.planId).not.toBe(plan.planId);
    expect(() => confirmingPlan(plan, { configurationIds: ["x"], seeds: [1] })).toThrow("the plan has none of x");
  });
});
