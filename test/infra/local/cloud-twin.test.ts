import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Synthesised } from "../../../infra/synth.ts";
import { exitCodes } from "../../../src/contract/exit-codes.ts";
import { writeDigitFolder } from "../../cli/digit-folder.ts";
import { nightsweep } from "../../cli/nightsweep-process.ts";
import { lacksS3Server, s3ServerReason } from "../../record/s3-server.ts";
import { attemptsOf, openTwinBench, type TwinBench } from "./twin-for-test.ts";

const experiment = `
name: little
data: { dataset: { format: idx, folder: ../digits } }
model: { layers: [flatten, { dense: { units: 4, activation: softmax } }] }
training: { epochs: 2, batchSize: 16 }
sweep: { seeds: 2 }
resources: { trialsPerJob: 1 }
`;

describe.skipIf(lacksS3Server)(`the synthesised machine, its functions and the trainer${s3ServerReason}`, () => {
  let bench: TwinBench;
  let synthesised: Synthesised;

  beforeAll(async () => {
    bench = await openTwinBench({ "little.yaml": experiment });
    writeDigitFolder(path.join(bench.folder, "digits"), { train: 200, test: 50 });
    synthesised = await bench.synthesise();
  }, 300_000);

  afterAll(() => bench?.end());

  test("run a sweep whose data come from the bucket: one array, records, report and mail", async () => {
    const twin = await bench.start(synthesised);
    const options = { cwd: bench.folder, environment: { ...twin.environment, NIGHTSWEEP_POLL_MS: "200" } };

    const run = await nightsweep(
      ["run", path.join("experiments", "little.yaml"), "--on", "aws", "--output", "json"],
      options,
    );
    const again = await nightsweep(["run", path.join("experiments", "little.yaml"), "--on", "aws"], options);

    const console = await nightsweep(["logs", "little", "best", "--console", "--store", "s3://records"], options);

    expect(run.stderr).toContain("uploaded the data set digits");
    expect(run).toMatchObject({ exitCode: exitCodes.done });
    expect(JSON.parse(run.stdout)).toMatchObject({ trialCounts: { finished: 2, planned: 2 } });
    expect(again.exitCode).toBe(exitCodes.done);
    expect(attemptsOf(twin).map(({ ends }) => ends)).toEqual([["exit 0"], ["exit 0"]]);
    expect(twin.machine.executions.size).toBe(1);
    expect(twin.machine.messages.map(({ subject }) => subject)).toEqual([
      "nightsweep: little is done, 2 of 2 trials finished",
    ]);
    expect(console.stdout).toMatch(/fetched the data set digits/);
    expect(console.stdout).toMatch(/^trial 0, attempt 1\n[^]*epoch 2\/2[^]*\ntrial 1, attempt 1\n[^]*epoch 2\/2/);
    expect(console.stderr).toMatch(
      /^job little-.*-r1-c0, child \d: SUCCEEDED \(exit code 0; .*\)\nattempt 1: log stream /,
    );
    const [execution] = twin.machine.executions.values();
    expect(execution?.largestInputBytes).toBeLessThan(8000);
    expect(JSON.parse(readFileSync(path.join(bench.folder, "deployment.json"), "utf8"))).toMatchObject({
      schemaVersion: 1,
    });
  }, 200_000);
});
