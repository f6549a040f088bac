import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { assumedSpeed, shareOut, timeoutSecondsOf } from "../../../src/orchestrate/cloud/share-out.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { createTinyRun } from "../../trainer/tiny-run.ts";

const sizes = {
  "gpu-1": { gpus: 1, vcpus: 4, memoryMebibytes: 14_000 },
  "gpu-4": { gpus: 4, vcpus: 48, memoryMebibytes: 170_000 },
};

/** A plan with so many trials of one configuration. */
async function planOf(trials: number, resources: Plan["resources"] = {}): Promise<Plan> {
  const { plan } = await createTinyRun();
  const [first] = plan.trials;
  if (first === undefined) throw new Error("no trial");
  return { ...plan, resources, trials: Array.from({ length: trials }, (_, seed) => ({ ...first, seed })) };
}

const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("trials are shared out", () => {
  test("in arrays that are even and legal, each trial once, in at most 20 chunks", async () => {
    const { plan } = await createTinyRun();
    const [first] = plan.trials;
    if (first === undefined) throw new Error("no trial");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 50 }), (count, trialsPerJob) => {
        const trials = Array.from({ length: count }, () => first);

        const chunks = shareOut({ ...plan, resources: { trialsPerJob }, trials }, all(count), sizes);

        const arraySizes = chunks.map(({ arraySize }) => arraySize);
        expect(chunks.length).toBeLessThanOrEqual(20);
        expect(Math.max(...arraySizes)).toBeLessThanOrEqual(10_000);
        expect(Math.max(...arraySizes) - Math.min(...arraySizes)).toBeLessThanOrEqual(1);
        let next = 0;
        for (const { trialOffset, arraySize, trialsPerJob: each } of chunks) {
          expect(trialOffset).toBe(next);
          next += arraySize * each;
        }
        expect(next).toBeGreaterThanOrEqual(count);
        expect(next - count).toBeLessThan(chunks[0]?.trialsPerJob ?? 0);
      }),
      { numRuns: 60 },
    );
  });

  test("100,000 trials are ten arrays", async () => {
    const chunks = shareOut(await planOf(100_000, { trialsPerJob: 1 }), all(100_000), sizes);

    expect(chunks.map(({ arraySize }) => arraySize)).toEqual(Array.from({ length: 10 }, () => 10_000));
  });

  test("short trials share a job that is busy for five minutes by the estimate", async () => {
    const [chunk] = shareOut(await planOf(500), all(500), sizes);

    // About 8 s of start each.
    expect(chunk?.trialsPerJob).toBeGreaterThan(20);
    expect(chunk?.trialsPerJob).toBeLessThan(60);
    expect(chunk?.size).toBe("gpu-1");
  });

  test("one job is no array", async () => {
    const chunks = shareOut(await planOf(3), all(3), sizes);

    expect(chunks).toEqual([{ size: "gpu-1", arraySize: 1, trialsPerJob: 3, trialOffset: 0 }]);
  });

  test("nothing is nothing", async () => {
    expect(shareOut(await planOf(3), [], sizes)).toEqual([]);
  });
});

test("a job's time limit is that of its trials together, or an hour at least", async () => {
  const plan = await planOf(10);

  expect(timeoutSecondsOf(plan, all(10), 2)).toBe(3600);
  expect(timeoutSecondsOf({ ...plan, run: { trialTimeLimit: "10m" } }, all(10), 3)).toBe(1800);
  expect(timeoutSecondsOf({ ...plan, run: { trialTimeLimit: "10s" } }, all(10), 1)).toBe(60);
});

test("the assumed speed is the shipped one of a T4", () => {
  const file: unknown = JSON.parse(
    readFileSync(new URL("../../../src/cli/measured-speeds.json", import.meta.url), "utf8"),
  );

  const { source: _, ...figures } = assumedSpeed;
  expect(file).toMatchObject({ speeds: expect.arrayContaining([expect.objectContaining(figures)]) });
});
