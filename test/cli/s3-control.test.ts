import { gunzipSync } from "node:zlib";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { pollVariable } from "../../src/contract/poll-variable.ts";
import { fromLeanData, type LeanReportData } from "../../src/report/lean-data.ts";
import { unpackColumns, type Json } from "../../src/report/pack-columns.ts";
import type { ReportData } from "../../src/report/report-data.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "../record/s3-server.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep, type Running } from "./nightsweep-process.ts";

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

  test("is watched in a terminal, and served to a browser with what has been trained since", async () => {
    const options = { cwd: folder, environment: { ...server.environment, [pollVariable]: "200" } };
    const store = ["--store", "s3://records/watched"];
    const { outcome, reached } = startNightsweep(["run", "digits.yaml", ...store], options);
    await reached(3);

    const served = startNightsweep(["serve", "digits", ...store], options);
    const url = await addressOf(served);
    const first = epochsIn(await dataOf(url));
    const watched = await nightsweep(["watch", "digits", "--once", ...store], options);

    expect(watched).toMatchObject({ exitCode: exitCodes.done, stderr: "" });
    expect(watched.stdout).toContain("0/1 finished · 1 begun · 0 failed · 0 to come");
    await expect.poll(async () => epochsIn(await dataOf(url)), { timeout: 50_000 }).toBeGreaterThan(first);
    await nightsweep(["cancel", "digits", ...store], options);
    expect((await outcome).exitCode).toBe(exitCodes.cancelled);
    served.child.kill();
    expect((await served.outcome).exitCode).toBe(exitCodes.done);
  }, 120_000);

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

/** What `nightsweep serve` prints. */
function addressOf({ child, outcome }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) resolve(text.trim());
    });
    void outcome.then(({ stderr }) => reject(new Error(stderr)));
  });
}

/** The data of a page that is served. */
async function dataOf(url: string): Promise<ReportData> {
  const response = await fetch(`${url}data`);
  const packed = JSON.parse(gunzipSync(new Uint8Array(await response.arrayBuffer())).toString()) as Json;
  return fromLeanData(unpackColumns(packed) as unknown as LeanReportData);
}

function epochsIn({ comparison }: ReportData): number {
  return comparison.trials.reduce((sum, { epochs }) => sum + epochs, 0);
}
