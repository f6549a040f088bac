import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomFaults, startFaultyProxy } from "../record/faulty-proxy.ts";
import { lacksS3Server, s3ServerReason, startS3Server } from "../record/s3-server.ts";
import { convolutionalDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = `${convolutionalDigits}training:
  epochs: 16
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  checkpoint: { everyEpochs: 4, keep: 2 }
sweep: { seeds: 2 }
`;

let folder = "";
const parametersOf = (store: string): string[] => ["run", "digits.yaml", "--workers", "1", "--store", store];
const recordsOf = (store: string) => deterministicFilesOf(path.join(folder, store), "digits");

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-faults-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(lacksS3Server)(
  `a run over a connection to S3 that fails in every way ends with the same bytes${s3ServerReason}`,
  async () => {
    await nightsweep(parametersOf("undisturbed"), { cwd: folder });
    const server = await startS3Server();
    await server.createBucket("records");
    const kinds = ["500", "503", "429", "reset", "lostAnswer", "halfBody", "slow"] as const;
    const proxy = await startFaultyProxy(server.endpoint, randomFaults(3, 0.08, kinds));
    const store = "s3://records/faulty";
    const through = { cwd: folder, environment: { ...server.environment, AWS_ENDPOINT_URL_S3: proxy.endpoint } };
    const direct = { cwd: folder, environment: server.environment };

    const { exitCode } = await nightsweep(parametersOf(store), through);
    const verified = await nightsweep(["verify", "digits", "--store", store], direct);
    const synced = await nightsweep(["sync", store, "from-s3"], direct);
    proxy.stop();
    server.stop();

    expect([...proxy.made.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
    expect(proxy.made.size).toBeGreaterThan(4);
    expect([exitCode, verified.exitCode, synced.exitCode]).toEqual([0, 0, 0]);
    expect(recordsOf("from-s3")).toEqual(recordsOf("undisturbed"));
  },
  120_000,
);
