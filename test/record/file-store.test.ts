import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { randomStream } from "../../src/plan/random.ts";
import { fileError } from "../../src/record/file-error.ts";
import { FileStore } from "../../src/record/file-store.ts";
import { StoreError } from "../../src/record/store-error.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";
import { counted } from "./shared-counter.ts";
import { endOf, startWriter } from "./writer-process.ts";

const folders: string[] = [];

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-store-"));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describeStoreContract("FileStore", async () => new FileStore(await emptyFolder()));

describe("several processes in one folder", () => {
  test("racing to write an object first: exactly one of them wins each", async () => {
    const folder = await emptyFolder();
    const names = ["1", "2", "3", "4"];
    const writers = await Promise.all(names.map((name) => startWriter("race", folder, name)));

    const wins = await Promise.all(
      writers.map(
        (child) =>
          new Promise<string[]>((resolve) => {
            child.once("message", (won: string[]) => resolve(won));
            child.send("go");
          }),
      ),
    );
    await Promise.all(writers.map(endOf));

    const store = new FileStore(folder);
    expect(wins.flat().sort()).toEqual(await store.list("trials/"));
    expect(wins.flat()).toHaveLength(40);
    for (const [index, won] of wins.entries()) {
      for (const key of won) {
        expect(new TextDecoder().decode(await store.get(key))).toBe((names[index] ?? "").repeat(5000));
      }
    }
  });

  test("adding to a number with putIfMatch: nothing is lost and nothing counts twice", async () => {
    const folder = await emptyFolder();
    const writers = await Promise.all(["1", "2", "3"].map((name) => startWriter("count", folder, name)));

    for (const child of writers) child.send("go");
    await Promise.all(writers.map(endOf));

    expect(await counted(new FileStore(folder), "counter.json")).toBe(75);
  });

  test("killed in the middle of putIfMatch: what was said to be added is there, and the next goes on", async () => {
    const folder = await emptyFolder();
    const random = randomStream(6);
    let said = 0;
    let kills = 0;

    for (let round = 0; round < 6; round++) {
      const pair = await Promise.all(["1", "2"].map((name) => startWriter("countForever", folder, name)));
      for (const child of pair) child.on("message", () => said++).send("go");
      await new Promise((resolve) => setTimeout(resolve, 30 + (random.wordAt(round) % 100)));
      for (const child of pair) child.kill("SIGKILL");
      kills += pair.length;
      await Promise.all(pair.map(endOf));
    }

    const value = await counted(new FileStore(folder), "counter.json");
    expect(said).toBeGreaterThan(10);
    // A killed process may have added without being able to say so.
    expect(value).toBeGreaterThanOrEqual(said);
    expect(value).toBeLessThanOrEqual(said + kills);
  });

  test("killed in the middle of writing: every object is whole, and the next writer goes on", async () => {
    const folder = await emptyFolder();
    const random = randomStream(20_261_122);
    const store = new FileStore(folder);

    for (let round = 0; round < 5; round++) {
      const child = await startWriter("forever", folder, `writer-${round}`);
      child.send("go");
      await new Promise((resolve) => setTimeout(resolve, 30 + (random.wordAt(round) % 70)));
      child.kill("SIGKILL");
      await endOf(child);
    }

    const keys = await store.list("");
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => key.startsWith(".tmp"))).toEqual([]);
    for (const key of keys) {
      const bytes = (await store.get(key)) ?? new Uint8Array();
      expect(bytes.length).toBeGreaterThanOrEqual(100_000);
      expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
    }
    expect(await store.putIfAbsent("runs/after/0.json", Buffer.from("{}"))).toBe(true);
  });
});

describe("what a killed writer left aside", () => {
  test("is not listed, and is removed by a later writer when it is a day old", async () => {
    const folder = await emptyFolder();
    const aside = path.join(folder, ".tmp");
    await mkdir(aside);
    await writeFile(path.join(aside, "old"), "half");
    await writeFile(path.join(aside, "recent"), "half");
    const now = Date.now();
    await utimes(path.join(aside, "old"), now / 1000, (now - 25 * 60 * 60 * 1000) / 1000);
    const store = new FileStore(folder, { now: () => now });

    const keysBefore = await store.list("");
    await store.put("a.txt", Buffer.from("a"));

    expect(keysBefore).toEqual([]);
    expect(await readdir(aside)).toEqual(["recent"]);
    expect(await store.list("")).toEqual(["a.txt"]);
  });

  test("a writer that succeeds leaves nothing", async () => {
    const folder = await emptyFolder();
    const store = new FileStore(folder);

    await store.put("a.txt", Buffer.from("a"));
    await store.putIfAbsent("b.txt", Buffer.from("b"));
    await store.putIfAbsent("b.txt", Buffer.from("c"));

    expect(await readdir(path.join(folder, ".tmp"))).toEqual([]);
  });
});

test("an object is the file at the key's path, and folders that get empty go, but for the topmost", async () => {
  const folder = await emptyFolder();
  const store = new FileStore(folder);

  await store.put("checkpoints/12/state.json", Buffer.from("{}"));
  const facts = await stat(path.join(folder, "checkpoints", "12", "state.json"));
  await store.delete("checkpoints/12/state.json");

  expect(facts.size).toBe(2);
  expect((await readdir(folder)).sort()).toEqual([".tmp", "checkpoints"]);
  expect(await readdir(path.join(folder, "checkpoints"))).toEqual([]);
});

test("reading a store that doesn't exist makes no folder", async () => {
  const folder = path.join(await emptyFolder(), "store");
  const store = new FileStore(folder);

  expect(await store.get("a.txt")).toBeUndefined();
  expect(await store.list("")).toEqual([]);
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});

describe("an error of the file system", () => {
  test("because a file stands where a folder is needed names key, path and remedy", async () => {
    const folder = await emptyFolder();
    await writeFile(path.join(folder, "experiments"), "");
    const store = new FileStore(folder);

    const attempt = store.putIfAbsent("experiments/mnist/plan.json", Buffer.from("{}"));

    await expect(attempt).rejects.toThrow(StoreError);
    await expect(attempt).rejects.toThrow(
      `can't write experiments/mnist/plan.json (${folder}/experiments/mnist/plan.json): a file stands where a folder is needed`,
    );
    await expect(attempt).rejects.toThrow("fix: move that file away");
  });

  test("because a folder stands where a file is needed says so", async () => {
    const folder = await emptyFolder();
    const store = new FileStore(folder);
    await store.put("log.txt/a", Buffer.from("a"));

    await expect(store.put("log.txt", Buffer.from("b"))).rejects.toThrow("a folder stands where a file is needed");
    await expect(store.putIfAbsent("log.txt", Buffer.from("b"))).rejects.toThrow("a folder stands where");
    expect(await readdir(path.join(folder, ".tmp"))).toEqual([]);
  });

  test("because the store's own folder is a file says so", async () => {
    const file = path.join(await emptyFolder(), "store");
    await writeFile(file, "");

    await expect(new FileStore(file).put("a.txt", Buffer.from("a"))).rejects.toThrow("a file stands where a folder");
  });

  test.each([
    ["ENOSPC", "the disk is full", "free some space"],
    ["EACCES", "permission was denied", "access to the folder"],
    ["EROFS", "read-only", "can be written"],
    ["ENOLINK", "no hard links", "own disk"],
    ["EMFILE", "too many files", "ulimit -n"],
  ])("%s is said in plain words, with a remedy", (code, cause, remedy) => {
    const error = fileError(
      { verb: "write", key: "trials/1.json", path: "/store/trials/1.json" },
      Object.assign(new Error("write"), { code }),
    );

    expect(error.key).toBe("trials/1.json");
    expect(error.message).toContain(`can't write trials/1.json (/store/trials/1.json): `);
    expect(error.message).toContain(cause);
    expect(error.message).toContain(`(${code})\n  fix: `);
    expect(error.message).toContain(remedy);
  });

  test("that is not known keeps what the system said", () => {
    const error = fileError({ verb: "read", key: "a", path: "/store/a" }, new Error("the moon is full"));

    expect(error.message).toContain("the moon is full");
  });
});
