import { describe, expect, test } from "vitest";
import { policyOf } from "../../../src/orchestrate/run-policy.ts";
import { simulateRuns } from "../../../src/orchestrate/simulate/simulate-plan.ts";
import { simulateRun, type SimulationRequest } from "../../../src/orchestrate/simulate/simulate-run.ts";
import type { FleetOptions } from "../../../src/orchestrate/simulate/simulated-fleet.ts";
import type { RunRules } from "../../../src/spec/schema/run.ts";

const calm: FleetOptions = {
  instances: 4,
  trialsPerInstance: 1,
  startSeconds: 240,
  reclaimsPerHour: 0,
  failureRate: 0,
  storeErrorRate: 0,
};

/** 200 trials of an hour that write a checkpoint every six minutes. */
function requestOf(fleet: Partial<FleetOptions> = {}, rules: RunRules = {}, checkpointPart = 0.1): SimulationRequest {
  const seconds = { low: 3600, likely: 3600, high: 3600 };
  const work = Array.from({ length: 200 }, (_, configuration) => ({ seconds, checkpointPart, configuration }));
  const merged = { ...calm, ...fleet };
  const policy = policyOf(rules, merged.instances * merged.trialsPerInstance, { pricePerHour: 0.5 });
  return { work, fleet: merged, divergenceRate: 0, policy };
}

describe("a simulated run", () => {
  test("on calm machines takes the trials' time, shared among them, and their start", async () => {
    const run = await simulateRun(requestOf(), 1);

    expect(run).toMatchObject({ finished: 200, failed: 0, reclaims: 0, lostPart: 0 });
    expect(run.elapsedSeconds / 3600).toBeGreaterThan(50);
    expect(run.elapsedSeconds / 3600).toBeLessThan(52);
    expect(run.usd).toBeCloseTo((run.paidSeconds / 3600) * 0.5, 10);
    expect(run.paidSeconds).toBeGreaterThan(run.computingSeconds);
  });

  test("is the same again with the same seed, and another with another", async () => {
    const request = requestOf({ reclaimsPerHour: 0.5, failureRate: 0.05 });

    expect(await simulateRun(request, 7)).toEqual(await simulateRun(request, 7));
    expect(await simulateRun(request, 8)).not.toEqual(await simulateRun(request, 7));
  });

  test("finishes every trial though instances are taken away all the time, and loses less with more checkpoints", async () => {
    const often = await simulateRun(requestOf({ reclaimsPerHour: 2 }, { retries: { killed: 50 } }, 0.02), 1);
    const seldom = await simulateRun(requestOf({ reclaimsPerHour: 2 }, { retries: { killed: 50 } }, 0.25), 1);

    expect(often.reclaims).toBeGreaterThan(200);
    expect([often.finished, seldom.finished]).toEqual([200, 200]);
    expect(often.lostPart).toBeGreaterThan(0);
    expect(often.lostPart).toBeLessThan(seldom.lostPart / 3);
  });

  test("is stopped by the run's own rules", async () => {
    const timed = await simulateRun(requestOf({}, { runTimeLimit: "10h" }), 1);
    const dear = await simulateRun(requestOf({}, { budget: { usd: 10 } }), 1);

    expect(timed.stop).toBe("runTimeLimit");
    expect(timed.elapsedSeconds).toBeCloseTo(36_000, 3);
    expect(dear.stop).toBe("budgetUsd");
    expect(dear.usd).toBeGreaterThan(9.99);
    expect(dear.usd).toBeLessThan(10.2);
  });

  test("pauses when its store can't be used, and stops if that does not end", async () => {
    const flaky = await simulateRun(requestOf({ storeErrorRate: 0.1 }), 1);
    const broken = await simulateRun(requestOf({ storeErrorRate: 1 }), 1);

    expect(flaky).toMatchObject({ finished: 200, failed: 0 });
    expect(broken).toMatchObject({ finished: 0, failed: 0, stop: "infrastructure" });
  });
});

test("simulated runs of many seeds give a median and a range", async () => {
  const seeds = Array.from({ length: 15 }, (_, seed) => seed);

  const { elapsedSeconds, runs, completeRuns } = await simulateRuns(requestOf({ reclaimsPerHour: 1 }), seeds);

  expect([runs, completeRuns]).toEqual([15, 15]);
  expect(elapsedSeconds.low).toBeLessThan(elapsedSeconds.median);
  expect(elapsedSeconds.median).toBeLessThan(elapsedSeconds.high);
});
