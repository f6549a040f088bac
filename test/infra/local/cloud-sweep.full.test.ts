import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../../src/contract/exit-codes.ts";
import type { ReclaimOf } from "../../../infra/local/batch/reclaim.ts";
import type { CloudTwin } from "../../../infra/local/cloud-twin.ts";
import { seededReclaims } from "../../../infra/local/seeded-reclaims.ts";
import type { Synthesised } from "../../../infra/synth.ts";
import { randomStream } from "../../../src/plan/random.ts";
import { nightsweep, startNightsweep } from "../../cli/nightsweep-process.ts";
import { deterministicFilesOf } from "../../cli/run-files.ts";
import { lacksS3Server, s3ServerReason } from "../../record/s3-server.ts";
import { attemptsOf, openTwinBench, type TwinBench } from "./twin-for-test.ts";

const sweep = `
name: digits
data: { dataset: mnist, subset: { train: { first: 3000 }, test: { first: 1000 } } }
model: { layers: [flatten, { dense: { units: 32, activation: relu } }, { dense: { units: 10, activation: softmax } }] }
training: { epochs: 30, batchSize: 25, checkpoint: { everySteps: 50 }, optimizer: { type: sgd, learningRate: 0.1 } }
sweep: { grid: { training.optimizer.learningRate: [0.02, 0.1, 0.3, 0.5] }, seeds: 3 }
resources: { trialsPerJob: 1 }
`;

describe.skipIf(lacksS3Server)(`a sweep on the offline twin of AWS${s3ServerReason}`, () => {
  let bench: TwinBench;
  let synthesised: Synthesised;

  beforeAll(async () => {
    bench = await openTwinBench({ "digits.yaml": sweep });
    writeFileSync(
      path.join(bench.folder, "endless.yaml"),
      sweep.replace("digits", "endless").replace("epochs: 30", "epochs: 5000"),
    );
    synthesised = await bench.synthesise();
  }, 580_000);

  afterAll(() => bench?.end());

  /** How the attempts at a job end where instances are taken back so. @param job its name and its place in the array */
  const endsByReclaims = (reclaimOf: ReclaimOf, job: string): string[] => {
    const [jobName = "", index] = job.split(":");
    const ends: string[] = [];
    for (let attempt = 1; ; attempt++) {
      const reclaim = reclaimOf({ jobName, index: Number(index), attempt });
      if (reclaim === undefined) return [...ends, "exit 0"];
      ends.push(reclaim.noticeMs === 0 ? "Host EC2 terminated." : "exit 75");
    }
  };
  const file = () => path.join("experiments", "digits.yaml");
  const options = (twin: CloudTwin) => ({
    cwd: bench.folder,
    environment: { ...twin.environment, NIGHTSWEEP_POLL_MS: "300" },
  });

  test("of 12 trials in an array, some of whose children are reclaimed, has the metrics of the local run to the byte", async () => {
    const stream = randomStream(20_261, 12);
    let drawn = 0;
    const random = () => stream.uniformAt(drawn++);
    const reclaimOf = seededReclaims({ seed: 7, rate: 0.35 });
    // On demand nothing is taken back, so that there is only spot here.
    const twin = await bench.start(synthesised, {
      maxvCpus: { spot: 24, onDemand: 0 },
      reclaimOf,
      events: { maxDelayMs: 400, duplicateRate: 0.3, lossRate: 0.3, random },
    });

    const there = await nightsweep(["run", file(), "--on", "aws"], options(twin));
    const here = await nightsweep(["run", file(), "--workers", "2", "--store", "here"], { cwd: bench.folder });
    const synced = await nightsweep(["sync", "s3://records", "there"], options(twin));
    const status = await nightsweep(["status", "digits", "--store", "s3://records"], options(twin));
    const compared = await nightsweep(
      ["compare", "digits", "--store", "s3://records", "--output", "json"],
      options(twin),
    );
    const predicted = await nightsweep(
      ["predict", "digits", "best", "--store", "s3://records", "--examples", "3"],
      options(twin),
    );
    const logs = await nightsweep(["logs", "digits", "best", "--store", "s3://records"], options(twin));

    expect(there).toMatchObject({ exitCode: exitCodes.done });
    expect(here.exitCode).toBe(exitCodes.done);
    expect(synced.exitCode).toBe(exitCodes.done);
    expect(deterministicFilesOf(path.join(bench.folder, "there"), "digits")).toEqual(
      deterministicFilesOf(path.join(bench.folder, "here"), "digits"),
    );
    const attempts = attemptsOf(twin);
    const expected = attempts.map(({ job }) => endsByReclaims(reclaimOf, job));
    expect(attempts.map(({ ends }) => ends)).toEqual(expected);
    expect(attempts).toHaveLength(12);
    // At least 30 % of the children, both with a notice and without.
    expect(expected.filter(({ length }) => length > 1).length).toBeGreaterThanOrEqual(4);
    expect(new Set(expected.flat())).toEqual(new Set(["Host EC2 terminated.", "exit 75", "exit 0"]));
    expect(twin.calls["submitjob"]).toBe(1);
    expect(JSON.parse(compared.stdout)).toMatchObject({ trialCounts: { finished: 12, planned: 12 } });
    expect(status.stdout).toContain("12/12 finished");
    expect(status.stdout).toMatch(/jobs: 12 done/);
    expect(predicted.exitCode).toBe(exitCodes.done);
    expect(logs.stdout).toContain("epoch 30/30");
    expect(twin.machine.messages.at(-1)?.subject).toBe("nightsweep: digits is done, 12 of 12 trials finished");
  }, 580_000);

  test("that is cancelled leaves no job running, whoever ends the jobs, and its trials have checkpoints", async () => {
    for (const terminatesOnAbort of [true, false]) {
      const twin = await bench.start(synthesised, { terminatesOnAbort });
      const parameters = ["endless.yaml", "--on", "aws", ...(terminatesOnAbort ? [] : ["--resume"])];
      const started = await nightsweep(["run", ...parameters, "--detach"], options(twin));
      while (twin.batch.running === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      await new Promise((resolve) => setTimeout(resolve, 4000));

      const cancelled = await nightsweep(["cancel", "endless", "--store", "s3://records"], options(twin));
      for (const { ended } of twin.machine.executions.values()) await ended;
      while (twin.batch.running > 0) await new Promise((resolve) => setTimeout(resolve, 100));

      expect(started.exitCode).toBe(exitCodes.done);
      expect(cancelled.exitCode).toBe(exitCodes.done);
      expect([...twin.machine.executions.values()].map(({ status }) => status)).toEqual(["ABORTED"]);
      expect([...twin.batch.jobs.values()].map(({ status }) => status)).toEqual(["FAILED"]);
      expect(twin.batch.fleet.size).toBe(0);
      expect(attemptsOf(twin).flatMap(({ ends }) => ends)).toContain("exit 75");
    }
  }, 580_000);

  test("whose client is killed again and again has one execution, and no job twice", async () => {
    const twin = await bench.start(synthesised);
    const parameters = ["run", file(), "--on", "aws", "--no-cache"];
    for (const delayMs of [1000, 2000, 3000, 4000, 6000]) {
      const { child, outcome } = startNightsweep(parameters, options(twin));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill("SIGKILL");
      await outcome;
    }

    const last = await nightsweep(parameters, options(twin));

    expect(last.exitCode).toBe(exitCodes.done);
    expect(twin.machine.executions.size).toBe(1);
    const names = [...twin.batch.jobs.values()].map(({ source }) => source.request.jobName);
    expect(new Set(names).size).toBe(names.length);
    expect(attemptsOf(twin).map(({ ends }) => ends)).toEqual(Array.from({ length: 12 }, () => ["exit 0"]));
  }, 580_000);

  test("on a machine without the GPU that is asked for fails with the reason, never on the CPU", async () => {
    const twin = await bench.start(synthesised, {
      replaced: { NIGHTSWEEP_DEVICE: "gpu", NIGHTSWEEP_ENGINE: "tensorflow", NIGHTSWEEP_NATIVE: "/nowhere" },
    });

    const there = await nightsweep(["run", file(), "--on", "aws", "--set", "sweep.seeds=[77]"], options(twin));
    const status = await nightsweep(["status", "digits", "--store", "s3://records"], options(twin));
    const console = await nightsweep(["logs", "digits", "--console", "--store", "s3://records"], options(twin));

    expect(there.exitCode).not.toBe(exitCodes.done);
    expect(attemptsOf(twin).map(({ ends }) => ends)).toEqual(Array.from({ length: 4 }, () => ["exit 64"]));
    expect(status.stdout).toContain("exit code 64");
    // No trial was begun, so that no trial's log says why.
    expect(console.stderr).toContain("FAILED (exit code 64; Essential container in task exited)");
    expect(console.stdout).toMatch(
      /NIGHTSWEEP_DEVICE is "gpu", but (TensorFlow found none|the engine tensorflow can't)/,
    );
  }, 200_000);
});
