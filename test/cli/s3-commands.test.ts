import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "../record/s3-server.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, type Outcome } from "./nightsweep-process.ts";

// With what changes how figures come about, so that `verify` has to know it.
const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
  validation: { fraction: 0.25 }
  augment: [{ rotate: { degrees: 5 } }]
model:
  layers:
    - flatten
    - dense: { units: 8, activation: relu }
    - dense: { units: 4, activation: softmax }
training:
  epochs: 3
  batchSize: 20
  classWeights: balanced
  ema: { decay: 0.9 }
  earlyStopping: { monitor: validationLoss, patience: 1 }
  checkpoint: { everyEpochs: 1, keep: 2 }
evaluation: { topK: 2 }
sweep: { seeds: 2 }
`;

// Its weights come from a trial that lies in the bucket only.
const tuned = experiment
  .replace("name: digits", "name: tuned")
  .replace("  layers:", "  initialWeights: { trial: digits:best, exclude: [dense_1] }\n  layers:")
  .replace("seeds: 2", "seeds: 1");

const bucket = "s3://records/commands";
const local = "local";

describe.skipIf(lacksS3Server)(`commands on records in S3${s3ServerReason}`, () => {
  let folder = "";
  let server: S3Server;
  const run = (...parameters: string[]): Promise<Outcome> =>
    nightsweep(parameters, { cwd: folder, environment: server.environment });
  const textOf = (name: string): string => readFileSync(path.join(folder, name), "latin1");

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "nightsweep-s3-"));
    writeDigitFolder(path.join(folder, "digits"), { train: 200, test: 60 });
    writeFileSync(path.join(folder, "digits.yaml"), experiment);
    writeFileSync(path.join(folder, "tuned.yaml"), tuned);
    server = await startS3Server();
    await server.createBucket("records");
    for (const file of ["digits.yaml", "tuned.yaml"]) {
      const { exitCode, stderr } = await run("run", file, "--workers", "2", "--store", bucket);
      if (exitCode !== exitCodes.done) throw new Error(stderr);
    }
    const { exitCode, stderr } = await run("sync", bucket, local);
    if (exitCode !== exitCodes.done) throw new Error(stderr);
  });

  afterAll(() => {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    "validate digits.yaml tuned.yaml",
    "plan tuned.yaml",
    "run tuned.yaml",
    "samples tuned.yaml --grid 2x2",
    "status digits",
    "compare digits --confusion best",
    "compare digits --diff best tuned:best",
    "curves digits best",
    "evaluate tuned best",
    "predict digits best --all --checkpoint 2",
    "export digits best --to weights.safetensors",
    "verify tuned",
    "index digits --rebuild",
  ])("%s gives what it gives on the same records in a folder", async (line) => {
    const command = line.split(" ");

    const [inFolder, inBucket] = await Promise.all([
      run(...command, "--store", local, "--output", "json"),
      run(...command, "--store", bucket, "--output", "json"),
    ]);

    expect(inBucket.stderr).toBe(inFolder.stderr);
    expect(inBucket).toMatchObject({ exitCode: exitCodes.done, stdout: inFolder.stdout });
  });

  test("export writes the same weights, and report --images the same page", async () => {
    for (const [store, name] of [[local, "folder"] as const, [bucket, "bucket"] as const]) {
      const exported = await run("export", "digits", "best", "--to", `${name}.safetensors`, "--store", store);
      const reported = await run("report", "digits", "--images", "--file", `${name}.html`, "--store", store);
      expect([exported, reported]).toMatchObject([{ exitCode: exitCodes.done }, { exitCode: exitCodes.done }]);
    }

    expect(textOf("bucket.safetensors")).toBe(textOf("folder.safetensors"));
    expect(textOf("bucket.html")).toBe(textOf("folder.html"));
  });

  test("validate says what is wrong with the store, not that it found a bug", async () => {
    const { exitCode, stderr } = await run("validate", "tuned.yaml", "--store", "s3://nowhere");

    expect(stderr).toContain("there is no bucket nowhere");
    expect(exitCode).toBe(exitCodes.infrastructure);
  });
});
