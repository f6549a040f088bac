import { describe, expect, test } from "vitest";
import { confusionOf } from "../../src/compare/confusion-of.ts";
import { configurationIdOf, runRecordsOf, trialIdOf } from "./run-records-of.ts";

const first = [
  [8, 2],
  [1, 9],
];
const second = [
  [6, 4],
  [3, 7],
];
const records = runRecordsOf([
  { id: "a", values: { model: "mlp" }, seeds: [{ confusion: first }, { confusion: second }, { state: "started" }] },
  { id: "b", seeds: [{ state: "pending" }] },
  { id: "c", seeds: [{ test: 0.5 }] },
]);

function ofConfiguration(id: string): ReturnType<typeof confusionOf> {
  return confusionOf(records, { type: "configuration", configurationId: configurationIdOf(id) });
}

describe("one trial", () => {
  const table = confusionOf(records, { type: "trial", trialId: trialIdOf("a", 1) });

  test("shows its matrix and where it is from", () => {
    expect(table.counts).toEqual(first);
    expect(table.source).toEqual({
      experiment: "invented",
      runId: records.runId,
      configurationId: configurationIdOf("a"),
      values: { model: "mlp" },
      trials: [{ trialId: trialIdOf("a", 1), seed: 1 }],
    });
  });

  test("shows every class with name, support and figures", () => {
    expect(table.classes.map(({ name, support }) => [name, support])).toEqual([
      ["cat", 10],
      ["dog", 10],
    ]);
    expect(table.classes[0]).toMatchObject({ truePositives: 8, falsePositives: 1, falseNegatives: 2, recall: 0.8 });
  });

  test("shows accuracy with its Wilson interval, kappa and averages", () => {
    expect(table.exampleCount).toBe(20);
    expect(table.accuracy).toBe(0.85);
    // SciPy 1.17.1: binomtest(17, 20).proportion_ci(0.95, "wilson")
    expect(table.accuracyInterval?.low).toBeCloseTo(0.6395811352592431, 12);
    expect(table.accuracyInterval?.high).toBeCloseTo(0.9476312541037835, 12);
    expect(table.cohensKappa).toBeCloseTo(0.7, 12);
    expect(table.macro.recall).toBeCloseTo(0.85, 12);
    expect(table.weighted.recall).toBeCloseTo(0.85, 12);
  });
});

describe("a configuration", () => {
  test("sums its finished seeds and names them", () => {
    const table = ofConfiguration("a");

    expect(table.counts).toEqual([
      [14, 6],
      [4, 16],
    ]);
    expect(table.accuracy).toBe(0.75);
    expect(table.source.trials.map(({ seed }) => seed)).toEqual([1, 2]);
  });

  test("has no Wilson interval over several seeds, which share their test examples", () => {
    expect(ofConfiguration("a")).not.toHaveProperty("accuracyInterval");
  });
});

describe("what has no matrix", () => {
  test("a trial that isn't finished is refused with its state", () => {
    expect(() => confusionOf(records, { type: "trial", trialId: trialIdOf("a", 3) })).toThrow(
      expect.objectContaining({
        code: "not-finished",
        message: `trial ${trialIdOf("a", 3)} is not finished: it is started`,
      }),
    );
  });

  test("a configuration without a finished seed is refused", () => {
    expect(() => ofConfiguration("b")).toThrow(expect.objectContaining({ code: "not-finished" }));
  });

  test("a finished trial without a matrix is a damaged record", () => {
    expect(() => ofConfiguration("c")).toThrow(
      expect.objectContaining({
        code: "no-confusion",
        message: expect.stringContaining(`trials/${trialIdOf("c", 1)} has no confusion matrix`),
      }),
    );
  });

  test("an id of another run is unknown", () => {
    expect(() => ofConfiguration("d")).toThrow(
      expect.objectContaining({
        code: "unknown-reference",
        message: `run ${records.runId} has no configuration ${configurationIdOf("d")}`,
      }),
    );
  });
});
