import { expect, test } from "vitest";
import { createRunId } from "../../src/record/run-id.ts";

test("a run's id is its time of day in UTC, to the second, and four random characters", () => {
  const id = createRunId(new Date("2026-11-22T10:15:30.987Z"), () => Uint8Array.of(0, 31, 32, 255));

  expect(id).toBe("20261122T101530Z-0z0z");
});

test("ids of later runs sort behind those of earlier ones", () => {
  const times = ["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"];

  const ids = times.map((time) => createRunId(new Date(time), () => Uint8Array.of(7, 7, 7, 7)));

  expect([...ids].sort()).toEqual(ids);
});
