import { describe, expect, test } from "vitest";
import { describeClaim, renderHolder } from "../../src/cli/holder-lines.ts";
import type { ClaimDocument } from "../../src/record/claim-document.ts";
import { processSpace } from "../../src/record/process-space.ts";
import { trialId } from "../record/sample-run.ts";

function claimOf(space: string, pid: number): ClaimDocument {
  const [since, lastSign] = ["2026-11-22T10:00:00.000Z", "2026-11-22T10:05:00.000Z"];
  const holder = { experiment: "digits", runId: "r1", session: "s", host: "lab-3", space, pid, since, lastSign };
  return { schemaVersion: 1, trialId: trialId(0), token: 1, state: "held", claimId: "c", beat: 4, holder };
}

const line = (claim: ClaimDocument, now: string): string => renderHolder(describeClaim(claim, new Date(now), 90_000));
const who = "held by run r1 on host lab-3, process 4711, since 2026-11-22T10:00:00.000Z (its clock)";

describe("status says of a trial that somebody trains", () => {
  test("who, where and since when", () => {
    expect(line(claimOf("elsewhere", 4711), "2026-11-22T10:06:30.000Z")).toBe(who);
  });

  test("that there was no sign of life for too long", () => {
    expect(line(claimOf("elsewhere", 4711), "2026-11-22T10:06:30.001Z")).toBe(
      `${who}; STALE: no sign of life since 2026-11-22T10:05:00.000Z, the next run watches it and takes it over`,
    );
  });

  test("that its process has died on this machine", () => {
    const dead = claimOf(processSpace(), 2 ** 31 - 1);

    expect(line(dead, "2026-11-22T10:05:00.000Z")).toMatch(/STALE: that process has died, the next run takes it over$/);
  });
});
