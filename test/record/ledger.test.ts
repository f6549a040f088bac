import { describe, expect, test } from "vitest";
import { completeLedger, findFinished, recordFinished } from "../../src/record/ledger.ts";
import { loadRun } from "../../src/record/load-run.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import type { LedgerEntry } from "../../src/record/trial-record.ts";
import { beginTrial, finishTrial, samplePlan, startRun, trialId, trialKey } from "./sample-run.ts";

function entry(index: number, runId: string): LedgerEntry {
  return { schemaVersion: 1, trialId: trialId(index), experiment: "sample", runId };
}

/** A store in which the runs have a result of the trial, without ledger. */
async function storeWithResults(index: number, runIds: readonly string[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const runId of runIds) await store.put(`${trialKey(runId, index)}/result.json`, Buffer.from("{}"));
  return store;
}

describe("noting that a trial is finished", () => {
  test("is done once: the first run stays", async () => {
    const store = await storeWithResults(0, ["a", "b"]);

    const first = await recordFinished(store, entry(0, "a"));
    const second = await recordFinished(store, entry(0, "b"));

    expect([first, second]).toEqual(["first", "already"]);
    expect(await findFinished(store, [trialId(0)])).toEqual(new Map([[trialId(0), entry(0, "a")]]));
  });

  test("replaces an entry whose record was deleted", async () => {
    const store = await storeWithResults(0, ["a", "b"]);
    await recordFinished(store, entry(0, "a"));
    await store.delete(`${trialKey("a", 0)}/result.json`);

    const second = await recordFinished(store, entry(0, "b"));

    expect(second).toBe("first");
    expect((await findFinished(store, [trialId(0)])).get(trialId(0))?.runId).toBe("b");
  });
});

describe("finding finished trials", () => {
  test("an entry whose record has no result is not trusted", async () => {
    const store = new MemoryStore();
    await recordFinished(store, entry(0, "a"));

    expect(await findFinished(store, [trialId(0)])).toEqual(new Map());
  });

  test("a trial that nobody finished is not found", async () => {
    const store = await storeWithResults(0, ["a"]);
    await recordFinished(store, entry(0, "a"));

    expect([...(await findFinished(store, [trialId(1), trialId(0)])).keys()]).toEqual([trialId(0)]);
  });

  test("of a damaged entry is an error that names its key", async () => {
    const store = new MemoryStore();
    await store.put(`trials/${trialId(0)}.json`, Buffer.from("{"));

    await expect(findFinished(store, [trialId(0)])).rejects.toThrow(`trials/${trialId(0)}.json: is no valid JSON`);
  });

  test("10,000 trials of which every second is finished takes one listing and no look at the others", async () => {
    const store = new MemoryStore();
    const ids = Array.from({ length: 10_000 }, (_, index) => trialId(index));
    for (let index = 0; index < 10_000; index += 2) {
      await store.put(`${trialKey("a", index)}/result.json`, Buffer.from("{}"));
      await recordFinished(store, entry(index, "a"));
    }
    const calls = { list: 0, get: 0 };
    const { list, get } = { list: store.list.bind(store), get: store.get.bind(store) };
    store.list = (prefix) => (calls.list++, list(prefix));
    store.get = (key) => (calls.get++, get(key));

    const finished = await findFinished(store, ids);

    expect(finished.size).toBe(5000);
    expect(calls).toEqual({ list: 1, get: 10_000 });
  });
});

test("trials whose process was killed between result and ledger are added to the ledger later", async () => {
  const store = new MemoryStore();
  const plan = samplePlan(3);
  const runId = await startRun(store, plan);
  await finishTrial(store, plan, runId, 0);
  await finishTrial(store, plan, runId, 1);
  await beginTrial(store, plan, runId, 2);
  await store.delete(`trials/${trialId(1)}.json`);

  const added = await completeLedger(store, await loadRun(store, "sample", runId));

  expect(added).toBe(1);
  expect([...(await findFinished(store, [trialId(0), trialId(1), trialId(2)])).keys()]).toEqual([
    trialId(0),
    trialId(1),
  ]);
});
