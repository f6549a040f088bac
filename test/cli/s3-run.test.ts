import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "../record/s3-server.ts";
import { convolutionalDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = `${convolutionalDigits}training:
  epochs: 8
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  keepBest: validationLoss
  checkpoint: { everySteps: 40 }
sweep:
  seeds: 3
`;

describe.skipIf(lacksS3Server)(`an experiment whose records are in S3${s3ServerReason}`, () => {
  let folder = "";
  let server: S3Server;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "nightsweep-s3-"));
    writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
    writeFileSync(path.join(folder, "digits.yaml"), experiment);
    server = await startS3Server();
    await server.createBucket("records");
  });

  afterAll(() => {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = () => ({ cwd: folder, environment: server.environment });
  const run = (...parameters: string[]) => nightsweep(parameters, options());

  test("is trained, stopped by Ctrl-C, gone on with, compared and copied: the bytes are those of a folder", async () => {
    const inFolder = await run("run", "digits.yaml", "--workers", "2", "--store", "undisturbed");
    const inBucket = ["run", "digits.yaml", "--workers", "2", "--store", "s3://records/team"];
    const { child, outcome, reached } = startNightsweep(inBucket, options());
    await reached(4);

    child.kill("SIGINT");
    const stopped = await outcome;
    const continued = await run(...inBucket);
    const again = await run(...inBucket);
    const compared = await run("compare", "digits", "--store", "s3://records/team", "--output", "json");
    const evaluated = await run("evaluate", "digits", "best", "--store", "s3://records/team");
    const reported = await run("report", "digits", "--store", "s3://records/team");
    const synced = await run("sync", "s3://records/team", "copy", "--output", "json");

    expect(inFolder.exitCode).toBe(exitCodes.done);
    expect(stopped.exitCode).toBe(exitCodes.checkpointed);
    expect(continued).toMatchObject({ exitCode: exitCodes.done });
    expect(continued.stderr).toContain("Going on with digits");
    expect(again.stderr).toContain("nothing left to train");
    expect(JSON.parse(compared.stdout)).toMatchObject({ trialCounts: { finished: 3, planned: 3 } });
    expect(evaluated.exitCode).toBe(exitCodes.done);
    expect(reported.stdout).toMatch(/^s3:\/\/records\/team\/experiments\/digits\/runs\/.*index\.html/);
    expect(synced).toMatchObject({ exitCode: exitCodes.done });
    expect(deterministicFilesOf(path.join(folder, "copy"), "digits")).toEqual(
      deterministicFilesOf(path.join(folder, "undisturbed"), "digits"),
    );
    for (const { stdout, stderr } of [stopped, continued, again, compared, reported, synced]) {
      expect(stdout + stderr).not.toContain("AWS SDK");
      expect(stdout + stderr).not.toContain(server.environment["AWS_SECRET_ACCESS_KEY"]);
    }
  }, 180_000);

  test("in a bucket that isn't there ends with what to do", async () => {
    const { exitCode, stderr } = await run("run", "digits.yaml", "--store", "s3://nowhere");

    expect(stderr).toContain("there is no bucket nowhere");
    expect(exitCode).toBe(exitCodes.infrastructure);
  });
});
