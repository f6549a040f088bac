import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { selectSubject, selectTrial } from "../../src/compare/select.ts";
import { configurationIdOf, runRecordsOf, trialIdOf } from "./run-records-of.ts";

const comparison = compareRun(
  runRecordsOf([
    { id: "ab12", seeds: [{ test: 0.7, validation: 0.7 }] },
    {
      id: "ab12f",
      seeds: [
        { test: 0.9, validation: 0.8 },
        { test: 0.8, validation: 0.9 },
      ],
    },
    { id: "cdef", seeds: [{ state: "pending" }] },
  ]),
);

function configuration(id: string): ReturnType<typeof selectSubject> {
  return { type: "configuration", configurationId: configurationIdOf(id) };
}

describe("by rank", () => {
  test("best and 1 are the first configuration of the leaderboard", () => {
    expect(selectSubject(comparison, "best")).toEqual(configuration("ab12f"));
    expect(selectSubject(comparison, "1")).toEqual(configuration("ab12f"));
    expect(selectSubject(comparison, "2")).toEqual(configuration("ab12"));
  });

  test.each(["0", "3", "17"])("there is no rank %s of two", (reference) => {
    expect(() => selectSubject(comparison, reference)).toThrow(
      expect.objectContaining({
        code: "unknown-reference",
        message: `there is no rank ${reference}: 2 of 3 configurations are ranked`,
        fix: "use best, a rank 1…2, or the first 4 or more characters of an id",
      }),
    );
  });

  test("nothing is best while nothing is ranked", () => {
    const unfinished = compareRun(runRecordsOf([{ seeds: [{ test: 0.9 }, { state: "started" }] }]));

    expect(() => selectSubject(unfinished, "best")).toThrow(expect.objectContaining({ code: "not-finished" }));
  });

  test("a number above the number of configurations is an id, if it is long enough", () => {
    const decimal = compareRun(runRecordsOf([{ id: "1234", seeds: [{ test: 0.9 }] }]));

    expect(selectSubject(decimal, "1234")).toEqual(configuration("1234"));
  });
});

describe("by id", () => {
  test("a prefix of at least four characters finds a configuration or a trial", () => {
    expect(selectSubject(comparison, "cdef")).toEqual(configuration("cdef"));
    expect(selectSubject(comparison, "001cd")).toEqual({ type: "trial", trialId: trialIdOf("cdef", 1) });
  });

  test("a whole id in capitals is found as well", () => {
    expect(selectSubject(comparison, configurationIdOf("cdef").toUpperCase())).toEqual(configuration("cdef"));
  });

  test("an ambiguous prefix lists what it fits, best first", () => {
    expect(() => selectSubject(comparison, "ab12")).toThrow(
      expect.objectContaining({
        code: "ambiguous-reference",
        message: `"ab12" fits configuration ${configurationIdOf("ab12f")}, configuration ${configurationIdOf("ab12")}`,
      }),
    );
  });

  test("of many candidates eight are listed", () => {
    const many = compareRun(
      runRecordsOf(Array.from({ length: 10 }, (_, index) => ({ id: `aaaa${index}`, seeds: [{ test: 0.9 }] }))),
    );

    expect(() => selectSubject(many, "aaaa")).toThrow(
      /(configuration aaaa\w+, ){7}configuration aaaa7\w+, and 2 more$/,
    );
  });

  test("an unknown id is refused with the one that begins most like it", () => {
    expect(() => selectSubject(comparison, "cdaa")).toThrow(
      expect.objectContaining({
        code: "unknown-reference",
        message: `"cdaa" names no trial or configuration of run ${comparison.runId}`,
        fix: expect.stringContaining(`did you mean configuration ${configurationIdOf("cdef")}?`),
      }),
    );
  });

  test("a word that is nothing like an id is refused with what can be said", () => {
    expect(() => selectSubject(comparison, "bset")).toThrow(
      expect.objectContaining({ fix: "use best, a rank from 1, or the first 4 or more characters of an id" }),
    );
  });

  test.each(["", "cde"])('"%s" is too short for an id', (reference) => {
    expect(() => selectSubject(comparison, reference)).toThrow(expect.objectContaining({ code: "unknown-reference" }));
  });
});

describe("one trial", () => {
  test("of a configuration is its best seed by the ranking's metric, here validation and not test", () => {
    expect(selectTrial(comparison, "best")).toMatchObject({ seed: 2, test: { accuracy: 0.8 } });
  });

  test("is found by its id", () => {
    expect(selectTrial(comparison, trialIdOf("ab12f", 1)).seed).toBe(1);
  });

  test("must be finished", () => {
    expect(() => selectTrial(comparison, trialIdOf("cdef", 1))).toThrow(
      expect.objectContaining({
        code: "not-finished",
        message: expect.stringContaining("(seed 1) is not finished: it is pending"),
      }),
    );
    expect(() => selectTrial(comparison, "cdef")).toThrow(
      expect.objectContaining({ code: "not-finished", message: '"cdef" has no finished seed' }),
    );
  });
});
