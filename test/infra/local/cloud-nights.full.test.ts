import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CloudTwin } from "../../../infra/local/cloud-twin.ts";
import { objectKeys } from "../../../src/contract/object-keys.ts";
import { nightsweep } from "../../cli/nightsweep-process.ts";
import { openStore } from "../../../src/record/open-store.ts";
import { lacksS3Server, s3ServerReason } from "../../record/s3-server.ts";
import { openTwinBench, writeExperiments, type TwinBench } from "./twin-for-test.ts";

/** @param learningRate what somebody changes one day */
const nightly = (learningRate: number): string => `
name: night
data: { dataset: mnist, subset: { train: { first: 1500 }, test: { first: 1000 } } }
model: { layers: [flatten, { dense: { units: 10, activation: softmax } }] }
training: { epochs: 2, batchSize: 25, optimizer: { type: sgd, learningRate: ${learningRate} } }
sweep: { seeds: 3 }
schedule: { cron: "0 2 * * *", timezone: UTC }
benchmark: { metric: testAccuracy, minimumNights: 3, minimumEffect: 0.005 }
`;

describe.skipIf(lacksS3Server)(`a benchmark that a schedule starts every night${s3ServerReason}`, () => {
  let bench: TwinBench;

  beforeAll(async () => {
    bench = await openTwinBench({ "nightly/night.yaml": nightly(0.1) });
  }, 300_000);

  afterAll(() => bench?.end());

  async function night(twin: CloudTwin, day: number) {
    const execution = twin.machine.executions.get(await twin.fire("night", `2026-11-${day}T02:00:00Z`));
    await execution?.ended;
    return execution;
  }

  test("is quiet while nothing changes, and tells a planted regression once another run has confirmed it", async () => {
    const good = await bench.start(await bench.synthesise());
    const pushed = ["push-data", "experiments/nightly/night.yaml", "--store", "s3://records"];
    await nightsweep(pushed, { cwd: bench.folder, environment: good.environment });
    for (const day of [20, 21, 22, 23]) expect(await night(good, day)).toMatchObject({ status: "SUCCEEDED" });
    const quiet = [...good.machine.messages];
    const twice = await night(good, 23);
    writeExperiments(bench.folder, { "nightly/night.yaml": nightly(0.0005) });
    const bad = await bench.start(await bench.synthesise());

    const regressed = await night(bad, 24);

    expect(quiet).toEqual([]);
    expect(JSON.parse(twice?.output ?? "{}")).toMatchObject({ next: "nothing" });
    expect(good.batch.jobs.size).toBe(4);
    expect(regressed?.status).toBe("SUCCEEDED");
    expect(JSON.parse(regressed?.output ?? "{}")).toMatchObject({ verdict: "regressed", isConfirming: true });
    expect(bad.batch.jobs.size).toBe(2);
    expect(bad.machine.messages.map(({ subject }) => subject)).toEqual(["nightsweep: night REGRESSED"]);
    expect(bad.machine.messages[0]?.message).toContain("Report: s3://records/experiments/night/runs/");
    const nights = await openStore("s3://records").list(`${objectKeys.history("night")}/`);
    expect(nights).toHaveLength(6);
  }, 600_000);
});
