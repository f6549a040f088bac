import { describe, expect, test } from "vitest";
import { loadRun } from "../../src/record/load-run.ts";
import { loadParts } from "../../src/record/load-trial.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { RecordError } from "../../src/record/record-error.ts";
import { rebuildIndex } from "../../src/record/run-index.ts";
import type { TrialRecord } from "../../src/record/run-records.ts";
import { writeFailure } from "../../src/record/trial-writer.ts";
import {
  beginTrial,
  environmentDocument,
  epochMetrics,
  epochTiming,
  failureDocument,
  finishTrial,
  outcome,
  samplePlan,
  startRun,
  trialId,
  trialKey,
} from "./sample-run.ts";

/** A run with a finished, a failed, a started and a pending trial. */
async function mixedRun(): Promise<{ store: MemoryStore; runId: string }> {
  const store = new MemoryStore();
  const plan = samplePlan(4);
  const runId = await startRun(store, plan);
  await finishTrial(store, plan, runId, 0);
  await beginTrial(store, plan, runId, 1);
  await writeFailure(store, trialKey(runId, 1), failureDocument(1));
  await beginTrial(store, plan, runId, 2);
  return { store, runId };
}

function typesOf(trials: readonly TrialRecord[]): string[] {
  return trials.map(({ state }) => state.type);
}

describe("the records of a run", () => {
  test("say of each trial in the plan's order how far it got", async () => {
    const { store, runId } = await mixedRun();

    const records = await loadRun(store, "sample", runId);

    expect(records.plan).toEqual(samplePlan(4));
    expect(typesOf(records.trials)).toEqual(["finished", "failed", "started", "pending"]);
    expect(records.trials[1]?.state).toEqual({ type: "failed", failure: failureDocument(1) });
    expect(records.trials.map(({ key }) => key)).toEqual([0, 1, 2, 3].map((index) => trialKey(runId, index)));
  });

  test("hold everything that a finished trial recorded", async () => {
    const { store, runId } = await mixedRun();

    const records = await loadRun(store, "sample", runId);

    expect(records.trials[0]).toMatchObject({
      trial: { id: trialId(0), configuration: 0, seed: 1 },
      state: { type: "finished", result: { ...outcome, trialId: trialId(0) } },
      metrics: [epochMetrics],
      timings: [epochTiming],
      confusion: { classNames: ["0", "1"], counts: [[1, 2], [3, 4]] }, // biome-ignore format: a matrix
      environment: environmentDocument,
    });
    expect(records.trials[0]).not.toHaveProperty("cachedFrom");
  });

  test("can be loaded without their parts, and the parts of one trial later", async () => {
    const { store, runId } = await mixedRun();

    const { trials } = await loadRun(store, "sample", runId, { parts: [] });
    const [trial] = trials;

    expect(trial).toMatchObject({ state: { type: "finished" }, metrics: [], timings: [] });
    expect(trial).not.toHaveProperty("confusion");
    const withMetrics = trial && (await loadParts(store, trial, ["metrics"]));
    expect(withMetrics).toEqual({ ...trial, metrics: [epochMetrics] });
  });

  test("of a run that doesn't exist are an error that names the plan", async () => {
    const { store } = await mixedRun();

    await expect(loadRun(store, "sample", "20000101T000000Z-0000")).rejects.toThrow(
      "experiments/sample/runs/20000101T000000Z-0000/plan.json: there is no such plan",
    );
  });
});

describe("trials that another run finished", () => {
  test("are taken over from it with their whole record", async () => {
    const { store, runId } = await mixedRun();
    const later = await startRun(store, samplePlan(4), { hour: 11 });

    const { trials } = await loadRun(store, "sample", later);

    expect(typesOf(trials)).toEqual(["finished", "pending", "pending", "pending"]);
    expect(trials[0]).toMatchObject({ cachedFrom: runId, key: trialKey(runId, 0), metrics: [epochMetrics] });
  });

  test("are taken over though this run's own attempt failed", async () => {
    const { store, runId } = await mixedRun();
    const plan = samplePlan(4);
    const later = await startRun(store, plan, { hour: 11 });
    await finishTrial(store, plan, later, 1);

    const { trials } = await loadRun(store, "sample", runId);

    expect(trials[1]).toMatchObject({ state: { type: "finished" }, cachedFrom: later });
  });

  test("are not taken over by a run that ignores the ledger", async () => {
    const { store } = await mixedRun();
    const later = await startRun(store, samplePlan(4), { hour: 11, ignoresLedger: true });

    const { trials } = await loadRun(store, "sample", later);

    expect(typesOf(trials)).toEqual(["pending", "pending", "pending", "pending"]);
  });

  test("are pending again if their record was deleted", async () => {
    const { store, runId } = await mixedRun();
    const later = await startRun(store, samplePlan(4), { hour: 11 });
    await store.delete(`${trialKey(runId, 0)}/result.json`);

    const { trials } = await loadRun(store, "sample", later);

    expect(trials[0]?.state.type).toBe("pending");
  });
});

describe("a damaged record is an error that names the key", () => {
  test.each([
    ["result.json", '{"schemaVersion":1', "no valid JSON"],
    ["result.json", '{"schemaVersion":2}', "schemaVersion"],
    ["confusion.json", '{"schemaVersion":1,"classNames":["0"],"counts":[[-1]],"classes":[]}', "counts.0.0"],
    ["environment.json", "[]", "expected object"],
    ["timings.jsonl", '{"epoch":1}', "attempt"],
  ])("%s with %j", async (name, text, problem) => {
    const { store, runId } = await mixedRun();
    await store.put(`${trialKey(runId, 0)}/${name}`, Buffer.from(text));

    const error: unknown = await loadRun(store, "sample", runId).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(RecordError);
    expect(String(error)).toContain(`${trialKey(runId, 0)}/${name}`);
    expect(String(error)).toContain(problem);
  });

  test("and the line", async () => {
    const { store, runId } = await mixedRun();
    const key = `${trialKey(runId, 0)}/metrics.jsonl`;
    await store.put(key, Buffer.from(`${JSON.stringify(epochMetrics)}\n{"kind":"epoch","epoch":null}\n`));

    await expect(loadRun(store, "sample", runId)).rejects.toThrow(`${key}:2: `);
  });

  test("that is missing though the result lists it", async () => {
    const { store, runId } = await mixedRun();
    await store.delete(`${trialKey(runId, 0)}/metrics.jsonl`);

    await expect(loadRun(store, "sample", runId)).rejects.toThrow(`${trialKey(runId, 0)}/metrics.jsonl: is missing`);
  });
});

test("the index has a line for each trial and can be made again at any time", async () => {
  const { store, runId } = await mixedRun();
  const key = `experiments/sample/runs/${runId}/index.jsonl`;

  await rebuildIndex(store, "sample", runId);
  const first = await store.get(key);
  await rebuildIndex(store, "sample", runId);

  const lines = new TextDecoder().decode(first).trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      trialId: trialId(0),
      configuration: 0,
      seed: 1,
      state: "finished",
      key: trialKey(runId, 0),
      testedEpoch: 1,
      test: { loss: 0.7, accuracy: 0.7, macroF1: 0.69 },
    },
    { trialId: trialId(1), configuration: 1, seed: 1, state: "failed", failure: "diverged" },
    { trialId: trialId(2), configuration: 2, seed: 1, state: "started" },
    { trialId: trialId(3), configuration: 3, seed: 1, state: "pending" },
  ]);
  expect(await store.get(key)).toEqual(first);
});
