import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkSpace, guardStore, marginBytes, type GuardedRun } from "../../src/orchestrate/guard-store.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { freeBytesAt } from "../../src/record/free-space.ts";

const megabyte = 1e6;
const storage = { totalBytes: 100 * megabyte, largestTrialBytes: 10 * megabyte };

async function guardedRun(): Promise<GuardedRun> {
  const store = new MemoryStore();
  await store.put("run/run.json", Buffer.from("{}"));
  return { store, run: "run", storage, workers: () => 2 };
}

const room = (bytes: number | undefined) => ({ freeBytes: () => Promise.resolve(bytes), everyMs: 1000 });

describe("the room for a run", () => {
  test("keeps enough for every running trial", () => {
    expect(marginBytes({ storage, workers: () => 2 })).toBe(20 * megabyte + 8 * 1024 * 1024);
  });

  test.each([
    ["is enough", 200, undefined],
    ["is short: a warning says so", 110, "Room gets short"],
    ["is unknown", undefined, undefined],
  ])("%s", async (_what, free, warning) => {
    const found = await checkSpace(await guardedRun(), room(free && free * megabyte));

    if (warning === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(warning);
  });

  test("is too small: the run is refused with the figures and what to do", async () => {
    const refused = checkSpace(await guardedRun(), room(99 * megabyte));

    await expect(refused).rejects.toThrow(/leave about 100\.0 MB .* 99\.0 MB are free\n {2}fix: free some space/);
  });

  test("is told by the file system, also of a folder that isn't there yet, but not by a bucket", async () => {
    expect(await freeBytesAt("/tmp/nightsweep/not/there/yet")).toBeGreaterThan(0);
    expect(await freeBytesAt("relative/not/there")).toBeGreaterThan(0);
    expect(await freeBytesAt("s3://bucket/prefix")).toBeUndefined();
  });
});

describe("a run that is guarded", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is stopped when room falls below the margin, and says that nothing is lost", async () => {
    let free = 200 * megabyte;
    const guard = guardStore(await guardedRun(), { freeBytes: () => Promise.resolve(free), everyMs: 1000 });

    await vi.advanceTimersByTimeAsync(3000);
    const before = guard.signal.aborted;
    free = 20 * megabyte;
    await vi.advanceTimersByTimeAsync(1000);
    guard.end();

    expect(before).toBe(false);
    expect(guard.signal.aborted).toBe(true);
    expect(guard.trouble?.isGone).toBe(false);
    expect(guard.trouble?.error.message).toMatch(/nearly full: 20\.0 MB are free.*Nothing is lost\n {2}fix: free some/);
  });

  test("is stopped when more trials side by side are asked for than can all write a checkpoint", async () => {
    let workers = 2;
    const guard = guardStore({ ...(await guardedRun()), workers: () => workers }, room(50 * megabyte));

    await vi.advanceTimersByTimeAsync(3000);
    const before = guard.signal.aborted;
    workers = 8;
    await vi.advanceTimersByTimeAsync(1000);
    guard.end();

    expect(before).toBe(false);
    expect(guard.trouble?.error.message).toContain("88.4 MB are kept for checkpoints of 8 trials side by side");
  });

  test("is stopped when its folder is gone", async () => {
    const guarded = await guardedRun();
    const guard = guardStore(guarded, room(200 * megabyte));

    await guarded.store.delete("run/run.json");
    await vi.advanceTimersByTimeAsync(1000);
    guard.end();

    expect(guard.trouble?.isGone).toBe(true);
    expect(guard.trouble?.error.message).toContain("was removed or moved while its trials were running");
  });

  test("goes on where nobody can say how much room there is, or asking fails", async () => {
    const unknown = guardStore(await guardedRun(), room(undefined));
    const failing = guardStore(await guardedRun(), { freeBytes: () => Promise.reject(new Error("no")), everyMs: 1000 });

    await vi.advanceTimersByTimeAsync(5000);
    unknown.end();
    failing.end();

    expect([unknown.signal.aborted, failing.signal.aborted]).toEqual([false, false]);
  });
});
