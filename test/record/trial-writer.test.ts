import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { findFinished } from "../../src/record/ledger.ts";
import { loadTrialDocument, loadTrialState } from "../../src/record/load-trial.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { TrialWriter, writeFailure } from "../../src/record/trial-writer.ts";
import {
  beginTrial,
  environmentDocument,
  epochMetrics,
  epochTiming,
  failureDocument,
  finishTrial,
  outcome,
  samplePlan,
  trialDocument,
  trialId,
  trialKey,
} from "./sample-run.ts";

const plan = samplePlan(1);
const key = trialKey("r", 0);

/** A store that notes the order of writes. */
class NotingStore extends MemoryStore {
  readonly writes: string[] = [];

  override async put(key: string, bytes: Uint8Array): Promise<void> {
    this.writes.push(key);
    await super.put(key, bytes);
  }

  override async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    this.writes.push(key);
    return super.putIfAbsent(key, bytes);
  }
}

async function everything(store: MemoryStore): Promise<Map<string, string>> {
  const keys = await store.list("");
  return new Map(await Promise.all(keys.map(async (key) => [key, String(await store.get(key))] as const)));
}

describe("the record of a trial", () => {
  test("begins with trial.json and ends with result.json, then the ledger", async () => {
    const store = new NotingStore();

    await finishTrial(store, plan, "r", 0);

    expect(store.writes).toEqual([
      `${key}/trial.json`,
      `${key}/metrics.jsonl`,
      `${key}/timings.jsonl`,
      `${key}/confusion.json`,
      `${key}/environment.json`,
      `${key}/result.json`,
      `trials/${trialId(0)}.json`,
    ]);
    expect(await loadTrialDocument(store, key)).toEqual(trialDocument(plan, "r", 0));
    expect((await findFinished(store, [trialId(0)])).get(trialId(0))?.runId).toBe("r");
  });

  test("lists in its result the hashes of what is equal in every run, as it was written last", async () => {
    const store = new MemoryStore();
    const writer = await beginTrial(store, plan, "r", 0);

    await writer.writeMetrics([]);
    await writer.writeMetrics([epochMetrics]);
    await writer.writeTimings([epochTiming]);
    await writer.writeEnvironment(environmentDocument);
    await writer.writeFile("model/weights.bin", Uint8Array.of(1, 2, 3));
    await writer.finish(outcome);

    const state = await loadTrialState(store, key);
    const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    expect(state.type === "finished" && state.result).toEqual({
      schemaVersion: 1,
      trialId: trialId(0),
      ...outcome,
      files: {
        "metrics.jsonl": hash((await store.get(`${key}/metrics.jsonl`)) ?? new Uint8Array()),
        "model/weights.bin": "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
      },
    });
  });

  test("forgets the failure of the attempt before when another begins", async () => {
    const store = new MemoryStore();
    await beginTrial(store, plan, "r", 0);
    await writeFailure(store, key, failureDocument(0));
    const stateBefore = await loadTrialState(store, key);

    await beginTrial(store, plan, "r", 0);

    expect(stateBefore).toEqual({ type: "failed", failure: failureDocument(0) });
    expect(await loadTrialState(store, key)).toEqual({ type: "started" });
  });

  test("can't hold a number that is not finite", async () => {
    const writer = await beginTrial(new MemoryStore(), plan, "r", 0);

    expect(() => writer.writeMetrics([{ ...epochMetrics, loss: Number.NaN }])).toThrow("loss is NaN");
  });

  test("can't be written before it has begun, nor finished without metrics", async () => {
    const writer = new TrialWriter(new MemoryStore(), { experiment: "sample", runId: "r", trialId: trialId(0) });

    await expect(writer.writeMetrics([epochMetrics])).rejects.toThrow("begin()");
    await writer.begin(trialDocument(plan, "r", 0));
    await expect(writer.finish(outcome)).rejects.toThrow("metrics are written before the result");
  });
});

describe("a finished trial", () => {
  test("never changes: every write is refused", async () => {
    const store = new MemoryStore();
    const writer = await beginTrial(store, plan, "r", 0);
    await writer.writeMetrics([epochMetrics]);
    await writer.finish(outcome);
    const before = await everything(store);

    const outcomes = [
      await writer.begin({ ...trialDocument(plan, "r", 0), seed: 2 }),
      await writer.writeMetrics([]),
      await writer.writeTimings([]),
      await writer.writeConfusion({ schemaVersion: 1, classNames: [], counts: [], classes: [] }),
      await writer.writeEnvironment(environmentDocument),
      await writer.writeFile("predictions.csv", Uint8Array.of(1)),
      await writer.finish({ ...outcome, epochs: 2 }),
      await writeFailure(store, key, failureDocument(0)),
    ];

    expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(["refused"]));
    expect(outcomes[0]).toEqual({
      type: "refused",
      reason: `${key} has a result already; a finished trial never changes`,
    });
    expect(await everything(store)).toEqual(before);
  });

  test("is finished by one of two processes that run it", async () => {
    const store = new MemoryStore();
    const writers = [await beginTrial(store, plan, "r", 0), await beginTrial(store, plan, "r", 0)];
    for (const writer of writers) await writer.writeMetrics([epochMetrics]);

    const outcomes = await Promise.all(writers.map((writer) => writer.finish(outcome)));

    expect(outcomes.map(({ type }) => type).sort()).toEqual(["refused", "written"]);
  });

  test("that the ledger doesn't know is added to it when it is begun again", async () => {
    const store = new MemoryStore();
    await finishTrial(store, plan, "r", 0);
    await store.delete(`trials/${trialId(0)}.json`);

    await beginTrial(store, plan, "r", 0);

    expect((await findFinished(store, [trialId(0)])).size).toBe(1);
  });
});
