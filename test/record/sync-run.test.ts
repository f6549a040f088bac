import { describe, expect, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { saveCheckpoint } from "../../src/record/checkpoint-store.ts";
import { findFinished } from "../../src/record/ledger.ts";
import { loadRun } from "../../src/record/load-run.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { changeControl, loadControl } from "../../src/record/run-control.ts";
import { writeIndex } from "../../src/record/run-index.ts";
import { findNewestRun, loadRunDocument } from "../../src/record/run-store.ts";
import type { Store } from "../../src/record/store.ts";
import { syncRun } from "../../src/record/sync-run.ts";
import { tornStore } from "../trainer/torn-store.ts";
import {
  beginTrial,
  epochMetrics,
  finishTrial,
  outcome,
  samplePlan,
  startRun,
  trialId,
  trialKey,
} from "./sample-run.ts";

const plan = samplePlan(3);

/** A store with a run of three trials: finished, begun with a checkpoint, not begun. */
async function sampleStore() {
  const store = new MemoryStore();
  const runId = await startRun(store, plan);
  await finishTrial(store, plan, runId, 0);
  await beginTrial(store, plan, runId, 1);
  const [weights, optimizer] = [Buffer.from("weights"), Buffer.from("slots")];
  await saveCheckpoint(store, trialKey(runId, 1), { step: 7, weights, optimizer, state: {} }, 1);
  await writeIndex(store, await loadRun(store, "sample", runId, { parts: [] }));
  return { store, runId };
}

async function sync(from: Store, to: Store, runId: string) {
  const run = await loadRunDocument(from, "sample", runId);
  if (run === undefined) throw new Error("no run");
  return syncRun({ from, to }, run);
}

async function contentOf(store: Store): Promise<Map<string, string>> {
  const keys = await store.list("");
  return new Map(await Promise.all(keys.map(async (key) => [key, (await store.sha256(key)) ?? ""] as const)));
}

describe("copying a run to another store", () => {
  test("gives the target every object of it, and its ledger entries", async () => {
    const { store, runId } = await sampleStore();
    const target = new MemoryStore();

    const synced = await sync(store, target, runId);

    expect(await contentOf(target)).toEqual(await contentOf(store));
    expect(synced).toMatchObject({ skipped: 0, problems: [] });
    expect(synced.copied).toBe((await store.list("experiments/")).length - 1);
  });

  test("again copies nothing", async () => {
    const { store, runId } = await sampleStore();
    const target = new MemoryStore();
    const { copied } = await sync(store, target, runId);

    expect(await sync(store, target, runId)).toMatchObject({
      copied: 0,
      copiedBytes: 0,
      skipped: copied,
      problems: [],
    });
  });

  test("leaves what people have asked of the run in the target as it is", async () => {
    const { store, runId } = await sampleStore();
    const run = objectKeys.run("sample", runId);
    const target = new MemoryStore();
    const now = new Date(0);
    await changeControl(store, run, { state: "cancelled" }, now);
    await sync(store, target, runId);
    const first = await loadControl(target, run);
    await changeControl(target, run, { state: "running" }, now);
    await changeControl(store, run, { state: "paused" }, now);

    const again = await sync(store, target, runId);

    expect(first?.state).toBe("cancelled");
    expect(again.problems).toEqual([]);
    expect(await loadControl(target, run)).toMatchObject({ state: "running", version: 2 });
  });

  test("interrupted after any change, never says more than it has, and goes on to the same objects", async () => {
    const { store, runId } = await sampleStore();
    const expected = await contentOf(store);

    for (let changes = 0; changes < expected.size; changes++) {
      const target = new MemoryStore();
      await sync(store, tornStore(target, changes), runId).catch(() => undefined);

      const arrived = await contentOf(target);
      const record = trialKey(runId, 0);
      if (arrived.has(`${record}/result.json`)) {
        for (const key of expected.keys()) if (key.startsWith(`${record}/`)) expect(arrived.has(key)).toBe(true);
      }
      if ((await findNewestRun(target, "sample", plan.planId)) !== undefined) {
        await expect(loadRun(target, "sample", runId)).resolves.toBeDefined();
        expect(arrived.has(`${record}/result.json`)).toBe(true);
      }
      await sync(store, target, runId);
      expect(await contentOf(target)).toEqual(expected);
    }
  });

  test("brings the records that it took over from another run, but not that run", async () => {
    const { store, runId } = await sampleStore();
    const later = await startRun(store, samplePlan(3, { planId: "another" }), { hour: 12 });
    const target = new MemoryStore();

    await sync(store, target, later);

    const { trials } = await loadRun(target, "sample", later);
    expect(trials.map(({ state, cachedFrom }) => [state.type, cachedFrom])).toEqual([
      ["finished", runId],
      ["pending", undefined],
      ["pending", undefined],
    ]);
    expect(await target.get(objectKeys.source(objectKeys.run("sample", runId)))).toBeUndefined();
    expect([...(await findFinished(target, [trialId(0)])).values()].map((entry) => entry.runId)).toEqual([runId]);
  });

  test("brings the records whose weights its models start from, and never changes a finished one for that", async () => {
    const { store, runId } = await sampleStore();
    const source = trialKey(runId, 0);
    const initialWeights = { spec: { trial: trialId(0) }, sha256: "00", layers: [], trialKey: source };
    const models = plan.models.map((model) => ({ ...model, initialWeights }));
    const trials = plan.trials.slice(2);
    const later = await startRun(store, samplePlan(3, { planId: "another", models, trials }), { hour: 12 });
    const [target, other] = [new MemoryStore(), new MemoryStore()];
    await other.put(`${source}/result.json`, Buffer.from("another result"));

    const { problems } = await sync(store, target, later);
    const refused = await sync(store, other, later);

    expect(problems).toEqual([]);
    expect(await target.list(`${source}/`)).toEqual(await store.list(`${source}/`));
    expect([...(await findFinished(target, [trialId(0)])).values()].map((entry) => entry.runId)).toEqual([runId]);
    expect(refused.problems).toMatchObject([{ key: source, problem: expect.stringContaining("the results differ") }]);
    expect(await other.list(`${source}/`)).toEqual([`${source}/result.json`]);
  });

  test("takes along what has happened since the last time", async () => {
    const { store, runId } = await sampleStore();
    const target = new MemoryStore();
    await sync(store, target, runId);
    await finishTrial(store, plan, runId, 1);
    await writeIndex(store, await loadRun(store, "sample", runId, { parts: [] }));

    await sync(store, target, runId);

    expect(await contentOf(target)).toEqual(await contentOf(store));
  });

  test("leaves a trial alone that got further in the target", async () => {
    const { store, runId } = await sampleStore();
    const target = new MemoryStore();
    await sync(store, target, runId);
    await finishTrial(target, plan, runId, 1);
    await writeIndex(target, await loadRun(target, "sample", runId, { parts: [] }));
    const before = await contentOf(target);

    const synced = await sync(store, target, runId);

    expect(synced.problems).toEqual([]);
    expect(await contentOf(target)).toEqual(before);
  });

  test("says so where both stores have different results, and changes neither", async () => {
    const { store, runId } = await sampleStore();
    const target = new MemoryStore();
    await sync(store, target, runId);
    for (const [where, loss] of [
      [store, 1],
      [target, 2],
    ] as const) {
      const writer = await beginTrial(where, plan, runId, 1);
      await writer.writeMetrics([epochMetrics]);
      await writer.finish({ ...outcome, train: { loss, accuracy: 0.5 } });
    }
    const before = await contentOf(target);

    const synced = await sync(store, target, runId);

    expect(synced.problems).toEqual([
      { key: trialKey(runId, 1), problem: "both stores have a result of this trial, and the results differ" },
    ]);
    expect(await target.sha256(`${trialKey(runId, 1)}/result.json`)).toBe(
      before.get(`${trialKey(runId, 1)}/result.json`),
    );
  });

  test("doesn't copy a record that is damaged, and says which file it is", async () => {
    const { store, runId } = await sampleStore();
    await store.put(`${trialKey(runId, 0)}/confusion.json`, Buffer.from("{}"));
    const target = new MemoryStore();

    const synced = await sync(store, target, runId);

    expect(synced.problems).toMatchObject([
      { key: trialKey(runId, 0), problem: expect.stringContaining("confusion.json is damaged") as string },
    ]);
    expect(await target.list(`${trialKey(runId, 0)}/`)).toEqual([]);
    expect(await target.list("trials/")).toEqual([]);
  });

  test("notices when what arrives is not what was sent", async () => {
    const { store, runId } = await sampleStore();
    class ForgetfulStore extends MemoryStore {
      override put(key: string, bytes: Uint8Array): Promise<void> {
        return super.put(key, key.endsWith("trial.json") ? bytes.subarray(1) : bytes);
      }
    }

    const { problems } = await sync(store, new ForgetfulStore(), runId);

    expect(problems.map(({ key }) => key)).toContain(`${trialKey(runId, 0)}/trial.json`);
    expect(problems[0]?.problem).toContain("what arrived differs");
  });
});
