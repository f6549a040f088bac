import { describe, expect, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { randomStream } from "../../src/plan/random.ts";
import { loadRun } from "../../src/record/load-run.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { loadSeal, sealRun } from "../../src/record/run-seal.ts";
import { listRuns } from "../../src/record/run-store.ts";
import { syncRun } from "../../src/record/sync-run.ts";
import { verifyRun } from "../../src/record/verify-run.ts";
import { attemptTrial } from "../trainer/run-trial.ts";
import { createTinyRun, type TinyRun } from "../trainer/tiny-run.ts";

interface SealedRun {
  readonly run: TinyRun;
  readonly runId: string;
  /** Key of the run's folder. */
  readonly folder: string;
}

/** A run of three trials, all really trained and sealed unless it is said how many. */
async function sealedRun(trained = 3): Promise<SealedRun> {
  const run = await createTinyRun({ sweep: "{seeds: [7, 8, 9]}", train: 40, training: "{epochs: 2, batchSize: 8}" });
  for (let trialIndex = 0; trialIndex < trained; trialIndex++) await attemptTrial(run, { trialIndex });
  const [document] = await listRuns(run.store, "tiny");
  const runId = document?.runId ?? "";
  await seal(run, runId);
  return { run, runId, folder: objectKeys.run("tiny", runId) };
}

async function seal({ store }: TinyRun, runId: string, trained: readonly string[] = []): Promise<void> {
  await sealRun(store, await loadRun(store, "tiny", runId, { parts: [] }), new Set(trained));
}

async function problemKeys({ run, runId }: SealedRun): Promise<string[]> {
  const { trials, problems } = await verifyRun(run.store, "tiny", runId);
  return [...problems, ...trials.flatMap((trial) => trial.problems)].map(({ key }) => key);
}

describe("a sealed run", () => {
  test("is intact as long as nobody touches it, and every finished trial is sealed", async () => {
    const sealed = await sealedRun();

    const { trials } = await verifyRun(sealed.run.store, "tiny", sealed.runId);

    expect(await problemKeys(sealed)).toEqual([]);
    expect(trials.map(({ isSealed }) => isSealed)).toEqual([true, true, true]);
  });

  test("names each file of a record, the plan, run.json or the seal, whichever byte of it is flipped", async () => {
    const sealed = await sealedRun();
    const { store } = sealed.run;
    const files = (await store.list(`${sealed.folder}/`)).filter((key) => !key.includes("/checkpoints/"));
    const record = files.filter((key) => key.startsWith(`${sealed.run.trialKey(1)}/`));
    const others = files.filter((key) => !key.includes("/trials/"));
    const random = randomStream(6);

    expect(record.map((key) => key.slice(sealed.run.trialKey(1).length + 1))).toEqual([
      "confusion.json",
      "environment.json",
      "metrics.jsonl",
      "model/model.json",
      "model/weights.bin",
      "predictions.csv",
      "result.json",
      "timings.jsonl",
      "trial.json",
    ]);
    expect(others).toEqual(["plan.json", "run.json", "seal.jsonl"].map((name) => `${sealed.folder}/${name}`));
    for (const [index, key] of [...record, ...others].entries()) {
      const original = (await store.get(key)) ?? new Uint8Array();
      for (let round = 0; round < 6; round++) {
        const word = random.wordAt(index * 100 + round);
        const place = round === 0 ? original.length - 1 : word % original.length;
        const flipped = Uint8Array.from(original);
        flipped[place] = (flipped[place] ?? 0) ^ (1 << (word >>> 29));
        await store.put(key, flipped);

        const named = await problemKeys(sealed).catch((error: unknown) => [String(error)]);

        expect(named.join(), `${key}, byte ${place}`).toContain(key);
        // What a changed plan says of its trials can't be trusted.
        if (!key.endsWith("plan.json")) expect(named, `${key}, byte ${place}`).toEqual([key]);
      }
      await store.put(key, original);
    }
    expect(await problemKeys(sealed)).toEqual([]);
  });

  test("misses a trial whose folder was removed, and one whose result was", async () => {
    const sealed = await sealedRun();
    const { store } = sealed.run;
    for (const key of await store.list(`${sealed.run.trialKey(0)}/`)) await store.delete(key);
    await store.delete(`${sealed.run.trialKey(2)}/result.json`);

    const keys = await problemKeys(sealed);

    expect(keys).toEqual([0, 2].map((index) => `${sealed.run.trialKey(index)}/result.json`));
  });

  test("names a record that was put in for no trial of the plan", async () => {
    const sealed = await sealedRun();
    const key = `${sealed.folder}/trials/0123456789abcdef0123`;
    await sealed.run.store.put(`${key}/result.json`, Buffer.from("{}"));

    expect(await problemKeys(sealed)).toEqual([key]);
  });

  test("counts what was finished since as unsealed, until it is sealed again", async () => {
    const sealed = await sealedRun(2);
    await attemptTrial(sealed.run, { trialIndex: 2 });

    const before = await verifyRun(sealed.run.store, "tiny", sealed.runId);
    await seal(sealed.run, sealed.runId);
    const after = await verifyRun(sealed.run.store, "tiny", sealed.runId);

    expect(before.trials.map(({ isSealed }) => isSealed)).toEqual([true, true, false]);
    expect(after.trials.map(({ isSealed }) => isSealed)).toEqual([true, true, true]);
  });

  test("stays sealed with what it was, whoever seals it after a change", async () => {
    const sealed = await sealedRun();
    const key = `${sealed.run.trialKey(0)}/environment.json`;
    const text = new TextDecoder().decode(await sealed.run.store.get(key));
    await sealed.run.store.put(key, Buffer.from(text.replace(/"seconds": [\d.]+/, '"seconds": 0.001')));

    await seal(sealed.run, sealed.runId);

    expect(await problemKeys(sealed)).toEqual([key]);
  });

  test("takes the new record of a trial that was deleted and trained again", async () => {
    const sealed = await sealedRun();
    const { run, runId } = sealed;
    for (const key of await run.store.list(`${run.trialKey(0)}/`)) await run.store.delete(key);
    await attemptTrial(run);

    await seal(run, runId, [run.plan.trials[0]?.id ?? ""]);

    expect(await problemKeys(sealed)).toEqual([]);
  });

  test("keeps the trials that each copy finished when one is copied over the other", async () => {
    const sealed = await sealedRun(1);
    const { run, runId, folder } = sealed;
    const copy = new MemoryStore();
    const [document] = await listRuns(run.store, "tiny");
    if (document === undefined) throw new Error("no run");
    await syncRun({ from: run.store, to: copy }, document);
    await attemptTrial({ ...run, store: copy }, { trialIndex: 1 });
    await sealRun(copy, await loadRun(copy, "tiny", runId, { parts: [] }), new Set());
    await attemptTrial(run, { trialIndex: 2 });
    await seal(run, runId);

    await syncRun({ from: run.store, to: copy }, document);

    expect((await loadSeal(copy, folder))?.trials.size).toBe(3);
    expect((await verifyRun(copy, "tiny", runId)).problems).toEqual([]);
  });
});
