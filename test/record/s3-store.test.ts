import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { S3Store } from "../../src/record/s3-store.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "./s3-server.ts";

describe.skipIf(lacksS3Server)(`a real S3 server${s3ServerReason}`, () => {
  let server: S3Server;
  let count = 0;

  beforeAll(async () => {
    server = await startS3Server();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    await server.createBucket("records");
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    server?.stop();
  });

  const place = (bucket: string, prefix: string) =>
    ({ bucket, prefix, endpoint: server.endpoint, region: "us-east-1", isPathStyle: true }) as const;

  describeStoreContract("S3Store", async () => new S3Store(place("records", `store ${++count}+ä/`)));
  void expect;
  void test;
});
