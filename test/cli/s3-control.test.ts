import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { pollVariable } from "../../src/contract/poll-variable.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "../record/s3-server.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";

const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - flatten
    - dense: { units: 4, activation: softmax }
training: { epochs: 20000, batchSize: 20, checkpoint: { everyEpochs: 20000 } }
`;

describe.skipIf(lacksS3Server)(`a run whose records are in S3${s3ServerReason}`, () => {
  let folder = "";
  let server: S3Server;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "nightsweep-s3-control-"));
    writeDigitFolder(path.join(folder, "digits"), { train: 100, test: 40 });
    writeFileSync(path.join(folder, "digits.yaml"), experiment);
    server = await startS3Server();
    await server.createBucket("records");
  });

  afterAll(() => {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is followed, paused, cancelled and removed from another terminal", async () => {
    const options = { cwd: folder, environment: { ...server.environment, [pollVariable]: "200" } };
    const store = ["--store", "s3://records/team"];
    const { outcome, reached } = startNightsweep(["run", "digits.yaml", ...store], options);
    await reached(3);

    const logs = await nightsweep(["logs", "digits", ...store], options);
    const paused = await nightsweep(["pause", "digits", ...store], options);
    const early = await nightsweep(["rm", "digits", "--yes", ...store], options);
    const cancelled = await nightsweep(["cancel", "digits", ...store], options);
    const ended = await outcome;
    const removed = await nightsweep(["rm", "digits", "--yes", ...store, "--output", "json"], options);
    const gone = await nightsweep(["status", "digits", ...store], options);

    expect(logs.stdout).toContain("epoch 1/20000");
    expect(paused.stdout).toContain("paused: what runs");
    expect(early).toMatchObject({ exitCode: exitCodes.usage });
    expect(early.stderr).toContain("cancel it first");
    expect(cancelled.stdout).toContain("cancelled: what runs");
    expect(ended.exitCode).toBe(exitCodes.cancelled);
    expect(JSON.parse(removed.stdout)).toMatchObject({
      isDone: true,
      removals: [{ what: "run", trials: 1 }],
      kept: [],
    });
    expect(gone.exitCode).toBe(exitCodes.missingInput);
  });
});
