import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Checkpoint,
  listCheckpoints,
  loadLatestCheckpoint,
  saveCheckpoint,
} from "../../src/record/checkpoint-store.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";

interface State {
  readonly epoch: number;
}

const key = "experiments/sample/runs/r/trials/t";

function isState(state: unknown): state is State {
  return typeof state === "object" && state !== null && "epoch" in state && typeof state.epoch === "number";
}

function checkpoint(step: number): Checkpoint<State> {
  return { step, weights: Uint8Array.of(step, 1), optimizer: Uint8Array.of(step, 2, 3), state: { epoch: step / 10 } };
}

async function storeWith(steps: readonly number[], keep: number | "all" = "all"): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const step of steps) await saveCheckpoint(store, key, checkpoint(step), keep);
  return store;
}

/** Stands for a process that is killed: its nth write doesn't happen, and nothing after it. */
class DyingStore extends MemoryStore {
  changesLeft = Number.POSITIVE_INFINITY;

  override async put(key: string, bytes: Uint8Array): Promise<void> {
    if (--this.changesLeft < 0) throw new Error("killed");
    await super.put(key, bytes);
  }

  override async delete(key: string): Promise<void> {
    if (--this.changesLeft < 0) throw new Error("killed");
    await super.delete(key);
  }
}

describe("the latest checkpoint", () => {
  test("is the one with the highest step, as it was saved", async () => {
    const store = await storeWith([9, 10, 100]);

    expect(await loadLatestCheckpoint(store, key, isState)).toEqual(checkpoint(100));
  });

  test("is undefined if there is none", async () => {
    expect(await loadLatestCheckpoint(new MemoryStore(), key, isState)).toBeUndefined();
  });

  test("keeps empty arrays", async () => {
    const store = new MemoryStore();
    const empty = { step: 0, weights: new Uint8Array(), optimizer: new Uint8Array(), state: { epoch: 0 } };

    await saveCheckpoint(store, key, empty, 1);

    expect(await loadLatestCheckpoint(store, key, isState)).toEqual(empty);
  });

  test.each([
    ["has no state.json", (store: MemoryStore) => store.delete(`${key}/checkpoints/20/state.json`)],
    ["has no weights", (store: MemoryStore) => store.delete(`${key}/checkpoints/20/weights.bin`)],
    ["has shorter weights", (store: MemoryStore) => store.put(`${key}/checkpoints/20/weights.bin`, Uint8Array.of(20))],
    ["has other weights", (store: MemoryStore) => store.put(`${key}/checkpoints/20/weights.bin`, Uint8Array.of(20, 9))],
    ["has no optimizer", (store: MemoryStore) => store.delete(`${key}/checkpoints/20/optimizer.bin`)],
    [
      "has another optimizer",
      (store: MemoryStore) => store.put(`${key}/checkpoints/20/optimizer.bin`, Uint8Array.of(2)),
    ],
    [
      "has a damaged state.json",
      (store: MemoryStore) => store.put(`${key}/checkpoints/20/state.json`, Uint8Array.of(123)),
    ],
  ])("is the one before if the newest %s", async (_, damage) => {
    const store = await storeWith([10, 20]);

    await damage(store);

    expect(await loadLatestCheckpoint(store, key, isState)).toEqual(checkpoint(10));
  });

  test("is the one before if the caller can't use the newest one's state", async () => {
    const store = await storeWith([10, 20]);

    const latest = await loadLatestCheckpoint(store, key, (state): state is State => isState(state) && state.epoch < 2);

    expect(latest).toEqual(checkpoint(10));
  });
});

describe("saving a checkpoint", () => {
  test.each([
    [1, [30]],
    [2, [20, 30]],
    ["all", [10, 20, 30]],
  ] as const)("with keep %s leaves the newest ones", async (keep, kept) => {
    const store = await storeWith([10, 20, 30], keep);

    expect(await listCheckpoints(store, key)).toEqual(kept);
    expect(await store.list(`${key}/checkpoints/`)).toHaveLength(3 * kept.length);
  });

  test("may keep the newest and one that is named", async () => {
    const store = await storeWith([10, 20, 30], "all");
    await saveCheckpoint(store, key, checkpoint(40), { newestAndStep: 20 });

    expect(await listCheckpoints(store, key)).toEqual([20, 40]);
  });

  test("removes those that were passed over when the trial was resumed", async () => {
    const store = await storeWith([10, 30]);
    await store.put(`${key}/checkpoints/30/weights.bin`, Uint8Array.of(0));
    await saveCheckpoint(store, key, checkpoint(20), 1);

    expect(await listCheckpoints(store, key)).toEqual([20]);
    expect(await loadLatestCheckpoint(store, key, isState)).toEqual(checkpoint(20));
  });

  test("wherever it is killed, a whole checkpoint is left, and saving again goes on from there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 12 }), fc.integer({ min: 1, max: 2 }), async (changesLeft, keep) => {
        const store = new DyingStore();
        await saveCheckpoint(store, key, checkpoint(10), keep);
        await saveCheckpoint(store, key, checkpoint(20), keep);

        store.changesLeft = changesLeft;
        await saveCheckpoint(store, key, checkpoint(30), keep).catch(() => undefined);
        store.changesLeft = Number.POSITIVE_INFINITY;
        const left = await loadLatestCheckpoint(store, key, isState);
        const files = await Promise.all(
          (await listCheckpoints(store, key)).map((step) => store.list(`${key}/checkpoints/${step}/`)),
        );
        await saveCheckpoint(store, key, checkpoint(40), keep);

        expect(files.every((ofStep) => ofStep.length === 3)).toBe(true);
        expect(left).toEqual(checkpoint(changesLeft < 3 ? 20 : 30));
        expect(await loadLatestCheckpoint(store, key, isState)).toEqual(checkpoint(40));
        expect(await store.list(`${key}/checkpoints/`)).toHaveLength(3 * keep);
      }),
    );
  });

  test("of a finished trial is refused", async () => {
    const store = new MemoryStore();
    await store.put(`${key}/result.json`, Buffer.from("{}"));

    const outcome = await saveCheckpoint(store, key, checkpoint(10), 1);

    expect(outcome.type).toBe("refused");
    expect(await store.list("")).toEqual([`${key}/result.json`]);
  });
});
