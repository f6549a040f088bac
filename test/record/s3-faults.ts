import { expect } from "vitest";
import { S3Store } from "../../src/record/s3-store.ts";
import { randomFaults, startFaultyProxy } from "./faulty-proxy.ts";
import type { S3Server } from "./s3-server.ts";
import { counted, increment } from "./shared-counter.ts";

const kinds = ["500", "503", "429", "reset", "lostAnswer", "halfBody", "corrupt", "slow"] as const;

/** Two stores race through a proxy that spoils a fifth of all requests: each object is won by one, nothing is lost. */
export async function raceThroughFaults(server: S3Server, seed: number, keyCount: number): Promise<void> {
  const proxy = await startFaultyProxy(server.endpoint, randomFaults(seed, 0.2, kinds));
  const place = { bucket: "records", prefix: `faults ${seed}/`, region: "us-east-1", isPathStyle: true };
  const retries = { maxTries: 12, firstDelayMs: 5, maxDelayMs: 50 };
  const open = () => new S3Store({ ...place, endpoint: proxy.endpoint }, { retries, idleMs: 500 });
  const direct = new S3Store({ ...place, endpoint: server.endpoint });
  const keys = Array.from({ length: keyCount }, (_, index) => `trials/${String(index).padStart(4, "0")}.json`);
  const race = async (store: S3Store, text: string): Promise<string[]> => {
    const won: string[] = [];
    for (const key of keys) if (await store.putIfAbsent(key, Buffer.from(`${text} ${key}`))) won.push(key);
    for (let round = 0; round < keyCount / 4; round++) await increment(store, "counter");
    return won;
  };
  try {
    const a = open();
    const [ofA, ofB] = await Promise.all([race(a, "a"), race(open(), "b")]);
    const listed = await a.list("trials/");
    const texts = await Promise.all(keys.map(async (key) => new TextDecoder().decode(await a.get(key))));

    expect(proxy.made.size).toBeGreaterThan(4);
    expect([...ofA, ...ofB].sort()).toEqual(keys);
    expect(listed).toEqual(keys);
    expect(texts).toEqual(keys.map((key) => `${ofA.includes(key) ? "a" : "b"} ${key}`));
    expect(await counted(direct, "counter")).toBe(2 * Math.ceil(keyCount / 4));
  } finally {
    proxy.stop();
  }
}
