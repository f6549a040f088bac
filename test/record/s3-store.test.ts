import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { mapConcurrently } from "../../src/record/map-concurrently.ts";
import { S3Store, type S3StoreOptions } from "../../src/record/s3-store.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";
import { startFaultyProxy, type ChooseFault, type Fault, type FaultyProxy } from "./faulty-proxy.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "./s3-server.ts";
import { counted } from "./shared-counter.ts";
import { endOf, startWriter } from "./writer-process.ts";

const mebibyte = 1024 * 1024;
const retries = { maxTries: 12, firstDelayMs: 5, maxDelayMs: 50 };

describe.skipIf(lacksS3Server)(`a real S3 server${s3ServerReason}`, () => {
  let server: S3Server;
  let count = 0;

  beforeAll(async () => {
    server = await startS3Server({ keysPerPage: 100 });
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    await server.createBucket("records");
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    server?.stop();
  });

  const openAt = (endpoint: string, prefix: string, options: Partial<S3StoreOptions> = {}): S3Store =>
    new S3Store({ bucket: "records", prefix, endpoint, region: "us-east-1", isPathStyle: true }, options);
  const newPrefix = (): string => `store ${++count}+ä/`;

  /** Two views of one new store: as it is, and through a proxy that spoils requests. */
  async function openSpoiled(
    choose: ChooseFault,
    options: Partial<S3StoreOptions> = {},
  ): Promise<{ readonly proxy: FaultyProxy; readonly spoiled: S3Store; readonly direct: S3Store }> {
    const proxy = await startFaultyProxy(server.endpoint, choose);
    onTestFinished(() => proxy.stop());
    const prefix = newPrefix();
    const spoiled = openAt(proxy.endpoint, prefix, { retries, idleMs: 500, ...options });
    return { proxy, spoiled, direct: openAt(server.endpoint, prefix) };
  }

  /** The fault meets the first request with the method; what is asked of the proxy before is not counted. */
  const first = (method: string, fault: Fault): ChooseFault => {
    let isMade = false;
    return (_, request) => (request.method === method && !isMade && (isMade = true) ? fault : undefined);
  };

  describeStoreContract("S3Store", async () => openAt(server.endpoint, newPrefix()));

  test("a store without a prefix has the whole bucket", async () => {
    await server.createBucket("whole");
    const store = new S3Store({
      bucket: "whole",
      prefix: "",
      endpoint: server.endpoint,
      region: "us-east-1",
      isPathStyle: true,
    });

    await store.put("experiments/a/plan.json", Buffer.from("{}"));

    expect(await store.list("")).toEqual(["experiments/a/plan.json"]);
    expect(await store.listFolders("experiments/")).toEqual(["a"]);
  });

  test("stores with other prefixes in the same bucket don't see each other's objects", async () => {
    const [a, b] = [openAt(server.endpoint, "team-a/"), openAt(server.endpoint, "team-a/b/")];

    await b.put("x.txt", Buffer.from("b"));

    expect(await a.get("x.txt")).toBeUndefined();
    expect(await b.list("")).toEqual(["x.txt"]);
  });

  test("more objects and folders than fit on a page are listed, all of them, in order", async () => {
    const store = openAt(server.endpoint, newPrefix());
    const names = Array.from({ length: 250 }, (_, index) => `trials/${String(index).padStart(4, "0")}/trial.json`);
    await mapConcurrently(names, (name) => store.put(name, Buffer.from("{}")));

    expect(await store.list("trials/")).toEqual(names);
    expect(await store.listFolders("trials/")).toEqual(names.map((name) => name.split("/")[1]));
  });

  test("what another tool wrote, without a SHA-256 of ours, can be read", async () => {
    const prefix = newPrefix();
    await fetch(`${server.endpoint}/records/${encodeURI(prefix).replaceAll("+", "%2B")}a.txt`, {
      method: "PUT",
      body: "abc",
    });

    const store = openAt(server.endpoint, prefix);

    expect(await store.get("a.txt")).toEqual(new Uint8Array(Buffer.from("abc")));
    expect(await store.sha256("a.txt")).toBe(createHash("sha256").update("abc").digest("hex"));
  });

  describe("an object in several parts", () => {
    const parts = { partBytes: 5 * mebibyte, multipartBytes: 6 * mebibyte };
    const large = new Uint8Array(11 * mebibyte).map((_, index) => (index * 31) >>> 8);
    const isEqual = (bytes: Uint8Array | undefined): boolean =>
      bytes !== undefined && Buffer.compare(bytes, large) === 0;

    test("is written and read whole", async () => {
      const store = openAt(server.endpoint, newPrefix(), parts);

      await store.put("weights.bin", large);

      expect(isEqual(await store.get("weights.bin"))).toBe(true);
      expect(await store.sha256("weights.bin")).toBe(createHash("sha256").update(large).digest("hex"));
    });

    test("is written by putIfAbsent once", async () => {
      const store = openAt(server.endpoint, newPrefix(), parts);

      const wins = await Promise.all([store.putIfAbsent("a.bin", large), store.putIfAbsent("a.bin", large)]);
      const third = await store.putIfAbsent("a.bin", new Uint8Array(large.length));

      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(third).toBe(false);
      expect(isEqual(await store.get("a.bin"))).toBe(true);
    });

    test.each<Fault>(["lostAnswer", "503", "reset"])("survives %s at any of its requests", async (fault) => {
      for (const at of [0, 2, 4]) {
        const { spoiled, direct } = await openSpoiled((index) => (index === at ? fault : undefined), parts);

        expect(await spoiled.putIfAbsent("a.bin", large)).toBe(true);
        expect(isEqual(await direct.get("a.bin"))).toBe(true);
      }
    });

    test("survives half bodies and wrong bytes when it is read", async () => {
      const faults: Record<number, Fault> = { 0: "halfBody", 2: "corrupt", 5: "halfBody", 7: "lostAnswer" };
      const { spoiled, direct } = await openSpoiled((index) => faults[index], parts);
      await direct.put("a.bin", large);

      expect(isEqual(await spoiled.get("a.bin"))).toBe(true);
    });
  });

  describe("a write whose answer is lost", () => {
    test("by putIfAbsent is known to have won", async () => {
      const { spoiled, direct } = await openSpoiled(first("PUT", "lostAnswer"));

      expect(await spoiled.putIfAbsent("trials/1.json", Buffer.from("mine"))).toBe(true);
      expect(await direct.get("trials/1.json")).toEqual(new Uint8Array(Buffer.from("mine")));
    });

    test("by putIfMatch is known to have won", async () => {
      const { spoiled, direct } = await openSpoiled(first("PUT", "lostAnswer"));
      await direct.put("claims/1.json", Buffer.from("old"));
      const version = (await spoiled.getVersioned("claims/1.json"))?.version ?? "";

      expect(await spoiled.putIfMatch("claims/1.json", Buffer.from("new"), version)).toBe(true);
    });

    test("is known to have won even if another has changed the object since", async () => {
      let direct: S3Store | undefined;
      let wasChanged: Promise<boolean> | undefined;
      const spoiled = await openSpoiled((index, { method }) => {
        if (method === "PUT" && index === 0) return "lostAnswer";
        // Between the lost answer and the next try.
        if (index === 1) {
          wasChanged = direct
            ?.getVersioned("a")
            .then((found) => direct?.putIfMatch("a", Buffer.from("theirs"), found?.version ?? "") ?? false);
          return "slow";
        }
        return undefined;
      });
      direct = spoiled.direct;

      expect(await spoiled.spoiled.putIfAbsent("a", Buffer.from("mine"))).toBe(true);
      expect(await wasChanged).toBe(true);
    });

    test("is not taken for won where another was first, though the bytes are equal", async () => {
      const { spoiled, direct } = await openSpoiled(first("PUT", "reset"));
      await direct.putIfAbsent("trials/1.json", Buffer.from("same"));

      expect(await spoiled.putIfAbsent("trials/1.json", Buffer.from("same"))).toBe(false);
    });
  });

  describe("a service that fails", () => {
    test("and falls silent is asked again", async () => {
      const { spoiled } = await openSpoiled((index) => (index < 2 ? "silence" : undefined));

      await spoiled.put("a.txt", Buffer.from("a"));

      expect(await spoiled.get("a.txt")).toEqual(new Uint8Array(Buffer.from("a")));
    });

    test("and garbles the answer that there is no such object is asked again", async () => {
      const { spoiled } = await openSpoiled(first("GET", "corrupt"));

      expect(await spoiled.get("a.txt")).toBeUndefined();
    });

    test("for ever is given up, and said so", async () => {
      const patience = { retries: { ...retries, maxTries: 2 }, maxAttempts: 1 };
      const { spoiled: failing } = await openSpoiled(() => "503", patience);
      const { spoiled: breaking } = await openSpoiled(() => "reset", patience);

      await expect(failing.get("a.txt")).rejects.toThrow(
        /can't read a\.txt in s3:.*kept asking for fewer requests.*503 SlowDown/,
      );
      await expect(breaking.put("a.txt", Buffer.from("a"))).rejects.toThrow("kept breaking");
    });

    test("and answers with wrong bytes every time is found out", async () => {
      const { spoiled, direct } = await openSpoiled(() => "corrupt", { retries: { ...retries, maxTries: 2 } });
      await direct.put("a.txt", Buffer.from("abc"));

      await expect(spoiled.get("a.txt")).rejects.toThrow("doesn't have the SHA-256 that it was written with");
    });
  });

  test("processes that add to a number at the same time lose nothing and count nothing twice", async () => {
    const location = `s3://records/counted?endpoint=${server.endpoint}`;
    const writers = await Promise.all(["1", "2"].map((name) => startWriter("count", location, name)));

    for (const child of writers) child.send("go");
    await Promise.all(writers.map(endOf));

    expect(await counted(openAt(server.endpoint, "counted/"), "counter.json")).toBe(50);
  });

  test("a bucket that isn't there is said to be missing", async () => {
    const store = new S3Store({
      bucket: "nowhere",
      prefix: "",
      endpoint: server.endpoint,
      region: "us-east-1",
      isPathStyle: true,
    });

    await expect(store.list("")).rejects.toThrow("there is no bucket nowhere");
    await expect(store.get("a.txt")).rejects.toThrow("aws s3 mb s3://nowhere");
    await expect(store.putIfAbsent("a.txt", Buffer.from("a"))).rejects.toThrow("there is no bucket nowhere");
  });
});
