import { describe, expect, test } from "vitest";
import type { StopReason } from "../../src/record/run-sessions.ts";
import { stopLines } from "../../src/cli/stop-lines.ts";

const failure = { kind: "user", reason: "no such file" } as const;

describe("a run that a rule stopped", () => {
  test.each<[StopReason, RegExp, RegExp]>([
    [{ rule: "maxFailures", failures: 7, limit: 7 }, /7 trials failed, as many as run\.maxFailures/, /status/],
    [{ rule: "identicalFailures", failures: 5, failure }, /5 trials in a row.*no such file/, /mend.*--keep-going/],
    [{ rule: "infrastructure", tries: 9, failure }, /9 tries in a row.*no such file/, /free some disk/],
    [{ rule: "runTimeLimit", limitSeconds: 28_800 }, /8 h 0 min/, /run the same command again/],
    [{ rule: "budgetHours", hours: 12.01, limit: 12 }, /12 h computing time.*12\.01 h/, /raise run\.budget\.hours/],
    [{ rule: "budgetUsd", usd: 25.004, limit: 25 }, /25 USD.*25\.00 USD/, /raise run\.budget\.usd/],
  ])("says why and what to do: %j", (reason, why, advice) => {
    const [first = "", second = ""] = stopLines(reason, "3 of 9 trials finished");

    expect(first).toMatch(/^Stopped with 3 of 9 trials finished: /);
    expect(first).toMatch(why);
    expect(second).toMatch(/^ {2}fix: /);
    expect(second).toMatch(advice);
  });
});
