import { describe, expect, test } from "vitest";
import { compareWithPublished } from "../../src/compare/compare-with-published.ts";
import type { PublishedSystem } from "../../src/compare/published-systems.ts";
import { runRecordsOf } from "./run-records-of.ts";

const system: PublishedSystem = {
  name: "invented",
  parameterCount: { value: 7840, origin: "published" },
  final: { testLoss: 0.25 },
  byEpoch: { trainLoss: [0.75, null, 0.125] },
  deviations: [],
};

describe("a system beside what was published of it", () => {
  test("has our mean and standard deviation over the seeds, and the difference", () => {
    const records = runRecordsOf([
      {
        seeds: [
          { test: 0.75, testLoss: 0.5, curve: [1, 0.5] },
          { test: 0.5, testLoss: 1, curve: [2, 0.5] },
        ],
      },
    ]);

    expect(compareWithPublished(system, records)).toEqual([
      { figure: "parameterCount", published: 7840, ours: 7850, difference: 10 },
      { figure: "testAccuracy", ours: 0.625, sd: Math.SQRT1_2 / 4 },
      { figure: "testLoss", published: 0.25, ours: 0.75, sd: Math.SQRT1_2 / 2, difference: 0.5 },
      { figure: "trainLoss", epoch: 1, published: 0.75, ours: 1.5, sd: Math.SQRT1_2, difference: 0.75 },
      { figure: "trainLoss", epoch: 3, published: 0.125 },
    ]);
  });

  test("counts only finished trials", () => {
    const records = runRecordsOf([{ seeds: [{ testLoss: 0.5 }, { state: "started", curve: [3] }] }]);

    const figures = compareWithPublished(system, records);

    expect(figures.find(({ figure }) => figure === "testLoss")).toMatchObject({ ours: 0.5 });
    expect(figures.find(({ figure }) => figure === "trainLoss")).toEqual({
      figure: "trainLoss",
      epoch: 1,
      published: 0.75,
    });
  });

  test("whose experiment can't be planned has the published figures alone", () => {
    expect(compareWithPublished(system).map(({ ours, published }) => [ours, published])).toEqual([
      [undefined, 7840],
      [undefined, undefined],
      [undefined, 0.25],
      [undefined, 0.75],
      [undefined, 0.125],
    ]);
  });

  test("has the time of a step from the examples per second", () => {
    const timed = { ...system, final: { millisecondsPerStep: 6 } };
    const records = runRecordsOf([{ seeds: [{}] }]);
    // Batches are of 32 examples by default: 10 ms and 20 ms a step.
    const timing = { attempt: 1, seconds: 1 };
    const timings = [
      { ...timing, epoch: 1, examplesPerSecond: 3200 },
      { ...timing, epoch: 2, examplesPerSecond: 1600 },
    ];
    const trials = records.trials.map((trial) => ({ ...trial, timings }));

    expect(compareWithPublished(timed, { ...records, trials })).toContainEqual({
      figure: "millisecondsPerStep",
      published: 6,
      ours: 15,
      difference: 9,
    });
  });
});
