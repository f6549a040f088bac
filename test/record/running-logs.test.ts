import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { pollIntervalMs } from "../../src/record/poll-interval.ts";
import { RunningLogs } from "../../src/record/running-logs.ts";
import { StoreError } from "../../src/record/store-error.ts";
import { TrialLogs } from "../../src/record/trial-logs.ts";
import { trialId, trialKey } from "./sample-run.ts";

class FlakyStore extends MemoryStore {
  isDown = false;
  puts = 0;

  override putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    this.note(key);
    return super.putIfAbsent(key, bytes);
  }

  override putIfMatch(key: string, bytes: Uint8Array, version: string): Promise<boolean> {
    this.note(key);
    return super.putIfMatch(key, bytes, version);
  }

  private note(key: string): void {
    this.puts++;
    if (this.isDown) throw new StoreError(key, { problem: "can't reach it", fix: "wait" });
  }
}

let store = new FlakyStore();
let logs = newLogs();

function newLogs(): RunningLogs {
  return new RunningLogs(new TrialLogs(store, { experiment: "sample", runId: "r" }), 1000);
}

async function written(): Promise<string> {
  return new TextDecoder().decode(await store.get(`${trialKey("r", 0)}/log.txt`));
}

beforeEach(() => {
  vi.useFakeTimers();
  store = new FlakyStore();
  logs = newLogs();
});

afterEach(() => void vi.useRealTimers());

describe("the log of a trial that runs", () => {
  test("is durable at once, then not more often than once in the interval", async () => {
    for (const text of ["a", "b", "c"]) {
      logs.append(trialId(0), text);
      await vi.advanceTimersByTimeAsync(10);
    }
    const early = await written();
    await vi.advanceTimersByTimeAsync(1100);

    expect(early).toBe("a");
    expect(await written()).toBe("abc");
    expect(store.puts).toBe(2);
  });

  test("is written the less often the longer it is", async () => {
    logs.append(trialId(0), "x".repeat(10 * 128 * 1024));
    await vi.advanceTimersByTimeAsync(10);
    logs.append(trialId(0), "y");
    await vi.advanceTimersByTimeAsync(10_000);
    const before = store.puts;
    await vi.advanceTimersByTimeAsync(2000);

    expect(before).toBe(1);
    expect(store.puts).toBe(2);
  });

  test("loses nothing while the store is down, and keeps its order", async () => {
    store.isDown = true;
    logs.append(trialId(0), "first ");
    await vi.advanceTimersByTimeAsync(10);
    logs.append(trialId(0), "second ");
    await vi.advanceTimersByTimeAsync(2000);
    store.isDown = false;
    logs.append(trialId(0), "third");

    await logs.flush(trialId(0));

    expect(await written()).toBe("first second third");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("others are looked at", () => {
  test("every 2 s in a folder and every 10 s in a bucket, or as the environment says", () => {
    expect(pollIntervalMs({ location: "/data" }, {})).toBe(2000);
    expect(pollIntervalMs({ location: "s3://records/team" }, {})).toBe(10_000);
    expect(pollIntervalMs({ location: "s3://records/team" }, { NIGHTSWEEP_POLL_MS: "500" })).toBe(500);
    expect(() => pollIntervalMs({ location: "/data" }, { NIGHTSWEEP_POLL_MS: "often" })).toThrow(/is "often"/);
  });
});
