import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { TrialEvent } from "../../src/execute/executor.ts";
import { LocalExecutor, type LocalExecutorOptions } from "../../src/execute/local-executor.ts";
import { classifyExit } from "../../src/execute/worker-exit.ts";
import { WorkerAge } from "../../src/execute/worker-recycling.ts";
import { eventsOf, firstAttempts, isEnd, logOf } from "../contracts/executor-contract.ts";

const trainer = fileURLToPath(new URL("fake-trainer.mjs", import.meta.url));
const gibibyte = 2 ** 30;

async function run(
  behaviours: readonly object[],
  options: Partial<Pick<LocalExecutorOptions, "recycling" | "nodeOptions" | "maxRssBytes">> = {},
): Promise<readonly TrialEvent[]> {
  const environment = { ...process.env, FAKE_BEHAVIOURS: JSON.stringify(behaviours) };
  const executor = new LocalExecutor({ trainer, workers: 1, environment, nodeOptions: [], ...options });
  executor.dispatch(firstAttempts(behaviours.length));
  return eventsOf(executor, behaviours.length);
}

describe("an attempt whose worker ends for lack of memory", () => {
  test("of the JavaScript heap fails as memory, says how to get more, and the next trial runs", async () => {
    const events = await run([{ do: "fillHeap" }, { do: "finish" }], { nodeOptions: ["--max-old-space-size=24"] });

    expect(events.find(isEnd)).toMatchObject({
      type: "failed",
      failure: { kind: "memory", reason: expect.stringContaining("--max-old-space-size") },
    });
    expect(events.at(-1)).toMatchObject({ type: "finished", trialIndex: 1 });
  });

  test("with the exit code for it fails as memory", () => {
    expect(classifyExit({ code: 71, signal: null }, "")).toMatchObject({ failure: { kind: "memory" } });
  });

  test("of the machine stays killed, but the reason says how little was left and what to do", async () => {
    const memory = { rssBytes: 7 * gibibyte, availableBytes: 0.1 * gibibyte, totalBytes: 8 * gibibyte };

    const events = await run([{ do: "killItselfHolding", memory }]);

    expect(events.at(-1)).toMatchObject({
      failure: {
        kind: "killed",
        reason: expect.stringMatching(/SIGKILL: very likely out of memory, as it held 7\.0 GiB.*batchSize/s),
      },
    });
  });

  test("with plenty of memory left is not put down to it", async () => {
    const memory = { rssBytes: gibibyte, availableBytes: 7 * gibibyte, totalBytes: 16 * gibibyte };

    const events = await run([{ do: "killItselfHolding", memory }]);

    expect(events.at(-1)).toMatchObject({ failure: { reason: expect.stringContaining("somebody's kill -9") } });
  });
});

describe("a worker with a limit of memory", () => {
  const holding = (gibibytes: number) => ({
    do: "hold",
    memory: { rssBytes: gibibytes * gibibyte, availableBytes: 8 * gibibyte, totalBytes: 16 * gibibyte },
  });

  test("is ended when it holds more: the trial fails as memory and says why, and the next trial runs", async () => {
    const events = await run([holding(3), { do: "finish" }], { maxRssBytes: 2 * gibibyte });

    expect(events.find(isEnd)).toMatchObject({
      type: "failed",
      failure: {
        kind: "memory",
        reason: expect.stringMatching(/limit of 2\.0 GiB.*memoryMebibytes: it held 3\.0 GiB/),
      },
    });
    expect(events.at(-1)).toMatchObject({ type: "finished", trialIndex: 1 });
  });

  test("is left alone at just as much", async () => {
    const memory = { rssBytes: gibibyte, availableBytes: 7 * gibibyte, totalBytes: 16 * gibibyte };

    const events = await run([{ do: "killItselfHolding", memory }], { maxRssBytes: gibibyte });

    expect(events.at(-1)).toMatchObject({ failure: { kind: "killed" } });
  });
});

describe("a worker is replaced between two trials", () => {
  const processesOf = (events: readonly TrialEvent[], count: number): string[] =>
    Array.from({ length: count }, (_, trial) => logOf(events, trial));

  test("when it has grown by more than the limit since its second trial", async () => {
    const leaks = Array.from({ length: 6 }, () => ({ do: "leak", mebibytes: 20 }));

    const events = await run(leaks, { recycling: { maxGrowthBytes: 30 * 2 ** 20, maxTrials: 100 } });

    const processes = processesOf(events, 6);
    expect(new Set(processes.slice(0, 4)).size).toBe(1);
    expect(new Set(processes).size).toBe(2);
    expect(events.filter(isEnd).every(({ type }) => type === "finished")).toBe(true);
  });

  test("after so many trials", async () => {
    const events = await run(
      Array.from({ length: 4 }, () => ({ do: "leak", mebibytes: 0 })),
      {
        recycling: { maxGrowthBytes: gibibyte, maxTrials: 2 },
      },
    );

    const processes = processesOf(events, 4);
    expect(new Set(processes).size).toBe(2);
    expect(processes[0]).toBe(processes[1]);
  });

  test("when its engine had no memory left", async () => {
    const failing = { do: "fail", kind: "memory", reason: "the heap is full" };
    const leak = { do: "leak", mebibytes: 0 };

    const events = await run([leak, failing, leak]);

    expect(logOf(events, 0)).not.toBe(logOf(events, 2));
  });

  test("but not for what its first two trials load", () => {
    const age = new WorkerAge({ maxGrowthBytes: 100, maxTrials: 10 });

    expect([1000, 2000, 2100, 2101].map((bytes) => age.endTrial(bytes))).toEqual([false, false, false, true]);
  });
});
