import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { RecordError } from "../../src/record/record-error.ts";
import { createRun, findNewestRun, listExperiments, listRuns, loadPlan } from "../../src/record/run-store.ts";
import { samplePlan, startRun } from "./sample-run.ts";

const firstRunId = "20261122T100000Z-0000";

describe("a new run", () => {
  test("has its plan and where it came from in the store", async () => {
    const store = new MemoryStore();
    const plan = samplePlan(3);

    const run = await createRun(store, {
      plan,
      experimentFile: "/home/me/sample.yaml",
      now: () => new Date("2026-11-22T10:00:00.5Z"),
      randomBytes: () => Uint8Array.of(0, 0, 0, 0),
    });

    expect(run).toEqual({
      schemaVersion: 1,
      runId: firstRunId,
      experiment: "sample",
      planId: "plan-3",
      createdAt: "2026-11-22T10:00:00.500Z",
      experimentFile: "/home/me/sample.yaml",
    });
    expect(await listRuns(store, "sample")).toEqual([run]);
    expect(await loadPlan(store, `experiments/sample/runs/${firstRunId}/plan.json`)).toEqual(plan);
  });

  test("takes another id if one of the same second has drawn the same", async () => {
    const store = new MemoryStore();
    const draws = [0, 0, 1];
    const start = (trialCount: number) =>
      createRun(store, {
        plan: samplePlan(trialCount),
        experimentFile: "/home/me/sample.yaml",
        now: () => new Date("2026-11-22T10:00:00Z"),
        randomBytes: (count) => new Uint8Array(count).fill(draws.shift() ?? 2),
      });

    const first = await start(1);
    const second = await start(2);

    expect([first.runId, second.runId]).toEqual([firstRunId, "20261122T100000Z-1111"]);
    expect((await listRuns(store)).map(({ planId }) => planId)).toEqual(["plan-1", "plan-2"]);
  });
});

describe("the runs of a store", () => {
  test("are listed oldest first, of one experiment or of all", async () => {
    const store = new MemoryStore();
    await startRun(store, samplePlan(1), { hour: 12 });
    await startRun(store, samplePlan(1, { experiment: "other" }), { hour: 11 });
    await startRun(store, samplePlan(1), { hour: 10 });

    const own = await listRuns(store, "sample");
    const all = await listRuns(store);

    expect(own.map(({ runId }) => runId.slice(9, 11))).toEqual(["10", "12"]);
    expect(all.map(({ runId }) => runId.slice(9, 11))).toEqual(["10", "11", "12"]);
    expect(await listExperiments(store)).toEqual(["other", "sample"]);
    expect(await listRuns(store, "nothing")).toEqual([]);
  });

  test("don't include one that was interrupted while it was made", async () => {
    const store = new MemoryStore();
    await store.put("experiments/sample/runs/20261122T100000Z-0000/plan.json", Buffer.from("{}"));

    expect(await listRuns(store, "sample")).toEqual([]);
    expect(await findNewestRun(store, "sample", "plan-1")).toBeUndefined();
  });

  test("are searched for the newest with a plan", async () => {
    const store = new MemoryStore();
    await startRun(store, samplePlan(1), { hour: 10 });
    const newest = await startRun(store, samplePlan(1), { hour: 11 });
    await startRun(store, samplePlan(2), { hour: 12 });

    expect((await findNewestRun(store, "sample", "plan-1"))?.runId).toBe(newest);
    expect(await findNewestRun(store, "sample", "plan-7")).toBeUndefined();
  });
});

describe("a plan that can't be used is an error that names its key", () => {
  const key = "experiments/sample/runs/1/plan.json";

  test("if there is none", async () => {
    await expect(loadPlan(new MemoryStore(), key)).rejects.toThrow(`${key}: there is no such plan in memory`);
  });

  test.each([
    ["is cut off", '{"schemaVersion": 1', "not JSON"],
    ["is of another version", JSON.stringify({ ...samplePlan(1), schemaVersion: 2 }), "a newer one"],
    ["lacks a section", JSON.stringify({ ...samplePlan(1), trainings: undefined }), "trainings"],
    ["points outside its tables", JSON.stringify({ ...samplePlan(2), configurations: [] }), "points outside its table"],
    ["has a trial without a usable id", JSON.stringify(samplePlan(1)).replace(/0{20}/, "../x"), "expected an id"],
  ])("if it %s", async (_, text, problem) => {
    const store = new MemoryStore();
    await store.put(key, Buffer.from(text));

    const error: unknown = await loadPlan(store, key).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(RecordError);
    expect(String(error)).toContain(key);
    expect(String(error)).toContain(problem);
    expect(String(error)).toContain("fix: ");
  });

  test("if it is no text", async () => {
    const store = new MemoryStore();
    await store.put(key, Uint8Array.of(0xff, 0xfe, 0x00));

    await expect(loadPlan(store, key)).rejects.toThrow(`${key}: is no valid UTF-8`);
  });
});
