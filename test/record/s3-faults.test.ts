import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { raceThroughFaults } from "./s3-faults.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "./s3-server.ts";

describe.skipIf(lacksS3Server)(`an S3 server that fails at random${s3ServerReason}`, () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await startS3Server();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    await server.createBucket("records");
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    server?.stop();
  });

  test("loses nothing, and lets one writer win each object", () => raceThroughFaults(server, 1, 12));
});
