import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { mapConcurrently } from "../../src/record/map-concurrently.ts";
import { S3Store } from "../../src/record/s3-store.ts";
import { raceThroughFaults } from "./s3-faults.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "./s3-server.ts";

describe.skipIf(lacksS3Server)(`a real S3 server, at length${s3ServerReason}`, () => {
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

  test.each(Array.from({ length: 10 }, (_, index) => index + 10))(
    "that fails at random loses nothing, and lets one writer win each object (seed %i)",
    (seed) => raceThroughFaults(server, seed, 25),
    180_000,
  );

  test("lists more than 1,000 objects and folders, all of them, in order", async () => {
    const place = { bucket: "records", prefix: "many/", endpoint: server.endpoint, region: "us-east-1" };
    const store = new S3Store({ ...place, isPathStyle: true });
    const names = Array.from({ length: 2100 }, (_, index) => `trials/${String(index).padStart(4, "0")}/trial.json`);
    await mapConcurrently(names, (name) => store.put(name, Buffer.from("{}")));

    expect(await store.list("trials/")).toEqual(names);
    expect(await store.listFolders("trials/")).toEqual(names.map((name) => name.split("/")[1]));
  }, 180_000);
});
