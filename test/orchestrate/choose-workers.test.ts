import { describe, expect, test } from "vitest";
import { chooseWorkers, type WorkerConditions } from "../../src/orchestrate/choose-workers.ts";

const gibibyte = 2 ** 30;
const roomy: WorkerConditions = { cores: 8, trials: 100, workerBytes: gibibyte / 4, availableBytes: 64 * gibibyte };

describe("there are as many workers", () => {
  test("as cores, where nothing else is short", () => {
    expect(chooseWorkers(roomy)).toEqual({ count: 8, reason: "one per core; about 0.3 GiB each, 64.0 GiB free" });
  });

  test("as cores for the threads of each", () => {
    expect(chooseWorkers({ ...roomy, threads: 3 })).toMatchObject({
      count: 2,
      reason: expect.stringMatching(/^one per 3 cores/) as string,
    });
    expect(chooseWorkers({ ...roomy, threads: 16 }).count).toBe(1);
  });

  test("as trials", () => {
    expect(chooseWorkers({ ...roomy, trials: 3 })).toEqual({ count: 3, reason: "one for each trial" });
  });

  test("as memory has room for, with a tenth of it left, but at least one", () => {
    const big = { ...roomy, workerBytes: 4 * gibibyte };

    expect(chooseWorkers({ ...big, availableBytes: 14 * gibibyte })).toMatchObject({
      count: 3,
      reason: "more don't fit into memory: about 4.0 GiB each, 14.0 GiB free",
    });
    expect(chooseWorkers({ ...big, availableBytes: gibibyte }).count).toBe(1);
  });

  test("as were found to pay on this machine", () => {
    const measured = { workers: 4, tried: 8, gain: 3.42, measuredOn: "2026-11-22" };

    expect(chooseWorkers({ ...roomy, measured })).toEqual({
      count: 4,
      reason: "measured here on 2026-11-22: 3.4 times as fast as 1, and 8 no faster",
    });
    expect(chooseWorkers({ ...roomy, trials: 2, measured }).count).toBe(2);
  });

  test("as were asked for, whatever fits; but it is said", () => {
    expect(chooseWorkers({ ...roomy, asked: 200 }).count).toBe(200);
    expect(chooseWorkers({ ...roomy, asked: 300 }).reason).toContain("as asked for, but memory is for 230");
  });
});
